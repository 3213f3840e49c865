"""Hand-written fakes, one per port."""

from __future__ import annotations
