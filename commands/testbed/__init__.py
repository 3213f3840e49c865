"""Real engines on one machine, without Docker, Maven or a JDK: for tests and for trying things out.

    lock file ─▶ jars (fetched once, verified) ─▶ a process on loopback ─▶ a real request is answered

cluster (Kafka, one broker or three), elasticsearch and opensearch know how an engine is started; server asks it
until it answers; bed starts, shows and ends them all; running remembers which processes they are.
"""
