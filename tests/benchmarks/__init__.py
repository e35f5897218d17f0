"""Measurements of what users get: ``make bench``. Not tests; they print figures and judge nothing."""
