#!/usr/bin/env python3
"""Ends with 0 when this container's service answers ``/health``: the image has no curl."""

import os
from urllib.request import ProxyHandler, build_opener

# Never by way of a proxy that the environment names: we ask ourselves.
build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{os.environ['PLACET_PORT']}/health", timeout=3)
