"""Pages of commerce, by what they are about."""
