"""Whether a log is whole, with every record, document and key, and if not, where."""
