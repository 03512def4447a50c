
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('timeline', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Recorded',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minute', models.DateTimeField()),
                ('channel', models.CharField(max_length=8)),
                ('count', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('minute', 'channel'), name='recorded_once')],
            },
        ),
        migrations.CreateModel(
            name='TrackingPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.JSONField(null=True)),
                ('former', models.JSONField(null=True)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_by', models.CharField(blank=True, max_length=254)),
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='tracking_plan', to='timeline.source')),
            ],
        ),
        migrations.CreateModel(
            name='Mending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('hour', models.DateTimeField()),
                ('process', models.IntegerField()),
                ('count', models.BigIntegerField()),
                ('source', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to='timeline.source')),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='mending_hour')],
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'hour', 'process'), name='mending_once')],
            },
        ),
        migrations.CreateModel(
            name='Reject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=32)),
                ('detail', models.CharField(blank=True, default='', max_length=200)),
                ('message', models.TextField()),
                ('original', models.TextField(null=True)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('source', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, to='timeline.source')),
            ],
            options={
                'indexes': [models.Index(fields=['source', '-id'], name='reject_source')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(max_length=32)),
                ('minute', models.DateTimeField()),
                ('process', models.IntegerField()),
                ('count', models.BigIntegerField()),
                ('source', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, to='timeline.source')),
            ],
            options={
                'indexes': [models.Index(fields=['minute'], name='tally_minute'), models.Index(fields=['source', 'minute'], name='tally_source')],
                'constraints': [models.UniqueConstraint(fields=('source', 'outcome', 'minute', 'process'), name='tally_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Violation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=200)),
                ('property', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(max_length=16)),
                ('hour', models.DateTimeField()),
                ('process', models.IntegerField()),
                ('count', models.BigIntegerField()),
                ('example', models.TextField(blank=True)),
                ('source', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to='timeline.source')),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='violation_hour')],
                'constraints': [models.UniqueConstraint(fields=('source', 'event', 'property', 'kind', 'hour', 'process'), name='violation_once')],
            },
        ),
    ]
