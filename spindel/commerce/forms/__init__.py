"""Forms that people fill in, by subject."""
