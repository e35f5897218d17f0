"""The record: events appended once, in one order, read by position; deciders, views and the lease that guards work."""
