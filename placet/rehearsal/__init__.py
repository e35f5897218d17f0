"""Playing a gathering against a running system, as outsiders would: over HTTP, with a journal of our own."""
