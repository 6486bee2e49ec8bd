"""Consequences of events: policies derive commands from events, and each command is given once."""
