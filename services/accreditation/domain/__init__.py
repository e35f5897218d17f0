"""What accreditation decides: pure, one decider a file."""
