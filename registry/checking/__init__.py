"""Checks that a log is whole, with every record, document and key, and finds the places where it is not."""
