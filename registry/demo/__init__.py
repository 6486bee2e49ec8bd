"""A registry to look at: invented trials, entered through the domain, and the tokens to try it with."""
