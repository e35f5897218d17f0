"""What notifications looks at: read models folded from its own log."""
