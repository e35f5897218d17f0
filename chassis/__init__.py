"""What every service stands on: the log, its stream, the edge, the run. Knows no business word."""
