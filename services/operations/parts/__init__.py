"""The parts of the picture, each drawn from the rows of the live view."""
