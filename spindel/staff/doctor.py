"""How many there are, for `spindel doctor`."""

COUNTS = {
    "logins": "SELECT count(*) FROM staff_user WHERE is_active",
}
