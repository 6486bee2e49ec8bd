"""Persons, texts and tokens: sealed before the log, opened for those who may, destroyed when asked."""
