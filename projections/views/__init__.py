"""The views, each a folder: what it says of itself, its rows, its tables, and how it is asked."""
