"""What accreditation's desks look at: read models folded from its own log."""
