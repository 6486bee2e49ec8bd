"""Policies: what follows from an event, as commands to other streams. Pure; `registry.reacting` gives the commands."""
