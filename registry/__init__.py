"""What may happen to a trial, and the way in: the domain, the command loop, the HTTP API and the command line."""
