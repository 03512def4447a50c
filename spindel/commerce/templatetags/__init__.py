"""Template words of commerce's own pages."""
