"""The domain, which decides what may happen to a trial, and the ways to it: command loop, HTTP API, command line."""
