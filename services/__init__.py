"""The services. Each owns its store; they know each other by ``contracts`` only."""
