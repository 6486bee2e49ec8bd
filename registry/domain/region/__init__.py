"""A region of a programme: a country under one regime, its applications, its halts and its end."""
