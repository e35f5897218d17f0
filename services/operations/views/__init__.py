"""What operations knows: one read model folded from the events of three services."""
