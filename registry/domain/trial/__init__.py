"""The trial: its commands, its state, its rules."""
