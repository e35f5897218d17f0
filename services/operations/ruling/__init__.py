"""What moves incidents by itself: rules over what others tell, a watch over what no event tells, the clock."""
