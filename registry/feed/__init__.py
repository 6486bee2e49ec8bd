"""The feed: each accepted change of a trial in the form that a reader may see, from any place in the log onwards."""
