"""Finds the records in a file of any size, as it arrives in chunks: for every partner that sends JSON or XML."""
