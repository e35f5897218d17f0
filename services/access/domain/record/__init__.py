"""What happened at a venue, and what follows from it: a chapter a file, with its facts, its events and their fold.

Nothing is decided here. venue.py binds the chapters together; the deciders beside this folder read them.
"""
