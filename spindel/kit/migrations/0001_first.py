
import django.db.models.functions.datetime
from django.db import migrations, models

# The table that Django's database cache keeps its counters in (throttling, mostly).
_CACHE = """
CREATE UNLOGGED TABLE kit_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX kit_cache_expires ON kit_cache (expires);
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Failure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=64)),
                ('row', models.BigIntegerField(db_default=0, default=0, help_text='0: all of the job.')),
                ('error', models.CharField(max_length=80)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('attempts', models.PositiveIntegerField(db_default=1, default=1)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it is tried next.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'row'), name='failure_once')],
            },
        ),
        migrations.RunSQL(_CACHE, "DROP TABLE kit_cache"),
    ]
