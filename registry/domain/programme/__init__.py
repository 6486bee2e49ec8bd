"""A trial programme: its protocols, sponsors, linked registrations and the regions that take part."""
