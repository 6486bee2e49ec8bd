"""What other registries send here, and what they receive from here."""
