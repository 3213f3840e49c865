"""The demo: recorded feeds of invented outlets, replayed through the real system on a stepped clock.

    corpus ─▶ feed server ─▶ [poller ─▶ Kafka ─▶ Faust ─▶ sinks] ─▶ judging against expected.toml ─▶ report

What stands in brackets is the system itself, as child processes; nothing here reaches into it. This package
serves the feeds, steps the clock and reads what came out. It never adjusts what is expected.
"""
