"""Nordsko's letter box at /demo-mail/: what a demo would have mailed, as it sends nothing."""
