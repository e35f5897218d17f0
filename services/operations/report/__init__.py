"""Incident reports on paper: PDF, in the languages of the house.

A report is made by a process of its own (``__main__.py``): laying out text takes a second of CPU, the live picture does
not wait for it, and what a text could do to the one who lays it out ends with that process.
"""
