"""Imports: each an aggregate that ends with its receipt."""
