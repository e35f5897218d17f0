"""What notifications decides: pure, one decider a file."""
