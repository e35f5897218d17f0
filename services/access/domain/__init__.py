"""What access decides: pure, one decision a file, all on the one state of a venue."""
