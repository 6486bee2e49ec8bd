"""The work of the registry's office on a node: tokens are issued and revoked, and keys destroyed."""
