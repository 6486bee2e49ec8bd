"""The views that readers see: folds of the log in PostgreSQL, rebuilt from it whenever wanted."""
