"""The spine: what every stage shares.

    feeds ─▶ ingest.poll ─▶ items ─▶ processors.analyse ─▶ stories + readings ─▶ processors.watch
          ─▶ evidence + series + shifts ─▶ sinks.(search|mail) ─▶ store ─▶ desk page, e-mail

Records, topics, settings, watchlist, publishers, clock, errors, metrics, logging and the Kafka client
factories live here. It imports no other package of ours.
"""

__version__ = "0.1.0"
