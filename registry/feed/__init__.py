"""The feed: each accepted change of a trial as one asker may see it, from any place of the log on."""
