"""The history view: every accepted event of every stream, with what it changed."""
