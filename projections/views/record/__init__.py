"""The record view: the latest document of each trial."""
