"""What is kept for readers of a programme and its regions."""
