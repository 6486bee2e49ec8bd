"""The command loop of a node: what it knows of the log, what it decides and how it appends."""
