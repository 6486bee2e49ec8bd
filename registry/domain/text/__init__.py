"""Texts that can be taken back: reasons, and why something happened."""
