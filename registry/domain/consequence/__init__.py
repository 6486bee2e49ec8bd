"""Consequences: commands that followed from events and were refused, until the office has dealt with them."""
