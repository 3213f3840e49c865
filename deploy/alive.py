"""`python -m deploy.alive URL`: exit code 0 when the address answers 200, else 1 and why. For health checks.

A process that waits for Kafka or Elasticsearch is alive: a restart would not help it. Whether news comes through
is told by the heartbeats, and by the alerts on them.
"""

from __future__ import annotations

import sys
import urllib.request

PATIENCE_S = 4.0
# Docker hands the proxies of its own configuration to every container; our own address is not behind one.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def alive(url: str) -> str:
    """Return what is wrong with the address, "" when it answers 200."""
    try:
        with DIRECT.open(url, timeout=PATIENCE_S) as answer:
            return "" if answer.status == 200 else f"{url} answers {answer.status}"
    except (OSError, ValueError) as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit((alive(sys.argv[1]) or 0) if len(sys.argv) == 2 else "usage: python -m deploy.alive URL")
