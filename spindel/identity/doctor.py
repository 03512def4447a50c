"""How many there are, for `spindel doctor`."""

COUNTS = {
    "customers": "SELECT reltuples::bigint FROM pg_class WHERE oid = 'identity_customer'::regclass",
}
