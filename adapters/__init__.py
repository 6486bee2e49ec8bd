"""The formats in which other registries send their records, and receive ours."""
