"""The HTTP API: commands in, views out. HTTP ends here; nothing behind it knows of statuses or headers."""
