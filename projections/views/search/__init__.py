"""The search view: what trials can be found by, now and as of any moment, in Japanese and English."""
