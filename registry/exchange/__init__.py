"""The exchange with other registries: reads, places and takes in their records, keeps raw documents, exports ours."""
