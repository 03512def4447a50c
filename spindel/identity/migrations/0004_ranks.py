"""Evidence has ranks: a device's links are told apart, and what was refused is remembered."""

from django.db import migrations, models
from django.db.models.functions import Now

_LINKS = """
UPDATE identity_link SET occurred_at = since;
UPDATE identity_link l SET rule = 'device' FROM identity_identifier i
WHERE i.id = l.b_id AND l.rule = 'message' AND i.kind IN ('anonymous_id', 'device');
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_sources_of_links")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE identity_identifier ALTER COLUMN shared DROP NOT NULL,"
            " ALTER COLUMN shared TYPE smallint USING CASE WHEN shared THEN 2 END,"
            " ADD CONSTRAINT identity_identifier_shared_check CHECK (shared >= 0)",
            migrations.RunSQL.noop,
            [
                migrations.AlterField(
                    "identifier",
                    "shared",
                    models.PositiveSmallIntegerField(
                        null=True,
                        help_text="Links so many people that evidence of this rank, or a lower one,"
                        " says nothing about who somebody is.",
                    ),
                )
            ],
        ),
        migrations.AddField("link", "occurred_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("link", "refused", models.BooleanField(null=True)),
        migrations.RemoveConstraint("link", "link_once"),
        migrations.AddConstraint(
            "link",
            models.UniqueConstraint(fields=["a", "b", "since", "rule"], name="link_once"),
        ),
        migrations.AddIndex(
            "link",
            models.Index(fields=["a"], condition=~models.Q(rule="device"), name="link_joins"),
        ),
        # Last: no table is altered while checks of its rows are still to be done.
        migrations.RunSQL(_LINKS, migrations.RunSQL.noop),
    ]
