"""The search: an index of what the views keep of each entry, asked for trials now and as of any moment. ADR 0083."""
