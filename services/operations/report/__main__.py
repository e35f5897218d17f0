"""The process that makes one report: what to print comes in as JSON, the PDF goes out."""

import json
import logging
import os
import sys

from services.operations.report.layout import layout

_LATER = 10  # than the services, if there is something else to do

if __name__ == "__main__":
    os.nice(_LATER)
    logging.disable()  # what the library cannot find in a font it shows as an empty box, and says so for each letter
    sys.stdout.buffer.write(layout(json.load(sys.stdin)))
