"""The HTTP API: commands in, views out. Only this package knows of HTTP statuses and headers."""
