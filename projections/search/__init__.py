"""The search: an index of the entries in the views, for queries on trials now and as of any moment. ADR 0083."""
