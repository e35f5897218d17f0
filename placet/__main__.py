"""``python -m placet``: the command line, also where the ``placet`` script is not on the path."""

from placet.cli.main import main

main()
