"""Stops the set-up with one sentence when this Python is too old. Runs on any Python 3."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Riftwatch needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12"
        % sys.version_info[:2]
    )
