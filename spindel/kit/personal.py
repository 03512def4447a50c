"""Of the kit's and the libraries' tables, none holds anything about a customer."""

HOLDINGS = ()
FREE = {
    "kit_cache": "counters of throttling, by hashed address",
    "kit_failure": "which job failed, and at which row, by its number alone",
    "django_migrations": "which changes of the tables were made",
    "django_content_type": "names of tables",
    "django_session": "who of the staff is logged in",
    "auth_group": "Django's own, unused",
    "auth_group_permissions": "the same",
    "auth_permission": "the same",
}
