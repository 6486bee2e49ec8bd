"""The view of regions: the events of each, by its programme."""
