"""The trial document and its derived values: whether somebody can join, freshness, identifiers."""
