"""The history view: every accepted event of every stream, with its changes."""
