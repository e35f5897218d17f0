"""The command line, the launcher and the rehearsal driver: the top floor, nobody imports it."""
