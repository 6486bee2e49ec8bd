"""Registration numbers: their grammar, and how nodes reserve them."""
