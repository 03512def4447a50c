
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('timeline', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Forgetting',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('epoch', models.BigIntegerField()),
                ('key', models.TextField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='forgetting_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Forgotten',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('erasure', models.BigIntegerField(help_text='Which erasure left it.')),
            ],
            options={
                'indexes': [models.Index(fields=['digest'], name='forgotten_digest'), models.Index(fields=['erasure'], name='forgotten_erasure')],
            },
        ),
        migrations.CreateModel(
            name='Identifier',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('value', models.TextField()),
                ('shared', models.PositiveSmallIntegerField(help_text='Links so many people that evidence of this rank, or a lower one, says nothing about who somebody is.', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('value'), name='text_pattern_ops'), name='identifier_find')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'value'), name='identifier_once')],
            },
        ),
        migrations.CreateModel(
            name='Tenure',
            fields=[
                ('pk', models.CompositePrimaryKey('identifier_id', 'since', blank=True, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tenures', to='identity.customer')),
                ('identifier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='identity.identifier')),
            ],
        ),
        migrations.CreateModel(
            name='Cut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=254)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('a', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.identifier')),
                ('b', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.identifier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('a', 'b'), name='cut_once')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('occurred_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('rule', models.CharField(max_length=16)),
                ('refused', models.BooleanField(null=True)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
                ('fact_id', models.UUIDField(null=True)),
                ('by', models.CharField(blank=True, default='', max_length=254)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('a', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.identifier')),
                ('b', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.identifier')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('rule', 'device'), _negated=True), fields=['a'], name='link_joins')],
                'constraints': [models.UniqueConstraint(fields=('a', 'b', 'since', 'rule'), name='link_once')],
            },
        ),
        migrations.CreateModel(
            name='Lookup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('occurred_at', models.DateTimeField()),
                ('identifier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='identity.identifier')),
            ],
            options={
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('key', name='text_pattern_ops'), name='lookup_find')],
                'constraints': [models.UniqueConstraint(fields=('key', 'identifier'), name='lookup_once')],
            },
        ),
        migrations.CreateModel(
            name='Trait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('digest', models.BinaryField(max_length=16)),
                ('value', models.JSONField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('fact_id', models.UUIDField(null=True)),
                ('by', models.CharField(blank=True, default='', max_length=254)),
                ('identifier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='traits', to='identity.identifier')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='timeline.source')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('identifier', 'name', 'source', 'digest'), name='trait_once')],
            },
        ),
    ]
