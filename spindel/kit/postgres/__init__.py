"""Django's PostgreSQL with a pool that knows when to doubt a connection."""
