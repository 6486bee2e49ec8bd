"""Finding trials by words: what an index holds and how it is asked."""
