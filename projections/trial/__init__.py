"""The trial document, and what is derived from it: who can join, how fresh it is, its identifiers."""
