"""What operations decides: pure, one decider a file."""
