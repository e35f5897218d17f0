"""The top floor: command line, launcher, rehearsals."""
