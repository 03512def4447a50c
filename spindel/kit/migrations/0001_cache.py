"""The table that Django's database cache keeps its counters in (throttling, mostly)."""

from django.db import migrations

_MAKE = """
CREATE UNLOGGED TABLE kit_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX kit_cache_expires ON kit_cache (expires);
"""


class Migration(migrations.Migration):
    operations = [migrations.RunSQL(_MAKE, "DROP TABLE kit_cache")]
