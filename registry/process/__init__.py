"""What a process of the registry needs around it: a process beside it, its log lines, its memory, its PostgreSQL."""
