"""Programmes and their regions as people read them: pure functions over documents, for both API and pages."""
