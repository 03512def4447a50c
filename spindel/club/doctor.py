"""How many there are, for `spindel doctor`."""

COUNTS = {
    "members": ("SELECT reltuples::bigint FROM pg_class WHERE oid = 'club_clubmember'::regclass"),
}
