"""The payloads of the events, as they are stored."""
