"""The view of consequences: commands that followed from events and were refused, and the progress of each."""
