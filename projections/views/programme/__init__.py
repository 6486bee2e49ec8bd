"""The view of programmes: the events of each, found by title, number, linked trial and region."""
