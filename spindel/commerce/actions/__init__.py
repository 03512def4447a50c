"""The verbs of commerce, by what they are about."""
