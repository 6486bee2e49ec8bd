"""Records of other registries in, ours out: reading, placing, taking in, keeping the raw documents."""
