"""Access: bearer tokens of organisations, as an aggregate."""
