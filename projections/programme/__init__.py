"""Documents for readers of a programme and its regions."""
