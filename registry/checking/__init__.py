"""Whether a log is whole: every record, document and key, or where not."""
