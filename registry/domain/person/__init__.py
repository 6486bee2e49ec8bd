"""Persons whose data is sealed, as an aggregate."""
