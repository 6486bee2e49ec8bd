"""ClinicalTrials.gov: its API v2 JSON, read."""
