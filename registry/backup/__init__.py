"""A backup of an installation in one archive, and its restoration into an empty one."""
