"""Questions to the books of commerce, by what they are about. Nothing here changes anything."""
