"""What follows from events, done: policies are asked, and the commands that they answer with are given, each once."""
