"""The surroundings of a process of the registry: a second process, log lines, memory, the embedded PostgreSQL."""
