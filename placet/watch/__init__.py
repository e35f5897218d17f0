"""The live picture in the terminal: what operations streams, folded and drawn."""
