"""The views, each a folder: its declaration, its rows, its tables, and its queries."""
