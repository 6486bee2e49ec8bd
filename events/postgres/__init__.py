"""The log in PostgreSQL (15 to 18, no extension): the embedded default, and small installations."""
