"""Who has told of a link, all of them; of the links there are, as far as their facts are still kept."""

import django.contrib.postgres.fields
from django.db import migrations, models

_FILL = """
UPDATE identity_link l SET sources = told.sources
FROM (
    SELECT least(f.identifier_id, also.id) AS one, greatest(f.identifier_id, also.id) AS other,
           CASE WHEN f.name = 'Customer Aliased' AND s.trusted THEN 'alias' ELSE 'message' END
               AS rule,
           array_agg(DISTINCT f.source_id ORDER BY f.source_id) AS sources
    FROM timeline_fact f
    JOIN timeline_source s ON s.id = f.source_id
    CROSS JOIN LATERAL unnest(f.also) AS also (id)
    JOIN identity_identifier i ON i.id = also.id
    WHERE i.kind NOT IN ('anonymous_id', 'device') OR (f.name = 'Customer Aliased' AND s.trusted)
    GROUP BY 1, 2, 3
) told
WHERE l.rule = told.rule
  AND least(l.a_id, l.b_id) = told.one AND greatest(l.a_id, l.b_id) = told.other
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_forgetting"),
        ("timeline", "0002_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="link",
            name="sources",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
