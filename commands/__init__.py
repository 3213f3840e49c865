"""The command line: one file a command, and the embedded runner (`up`, `demo`). No logic lives here."""
