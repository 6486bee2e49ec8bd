"""The site board: one row for each site of each trial."""
