"""What the registry's office does on a node: issuing and revoking tokens, having keys destroyed."""
