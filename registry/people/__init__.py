"""Persons, texts and tokens: sealed before the log, opened for permitted readers, destroyed on request."""
