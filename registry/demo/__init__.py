"""A registry to try out: invented trials, entered through the domain, and tokens for visitors."""
