"""The search view: values by which trials are found, now and as of any moment, in Japanese and English."""
