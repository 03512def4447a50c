
import django.db.models.deletion
import django.db.models.functions.datetime
import spindel.kit.sealed
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('customer', models.BigIntegerField(db_index=True)),
                ('language', models.CharField(max_length=5)),
                ('state', models.CharField(choices=[('asked', 'Being made'), ('done', 'Ready')], default='asked', max_length=16)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asked_by', models.CharField(max_length=254)),
                ('done_at', models.DateTimeField(null=True)),
                ('rows', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Retention',
            fields=[
                ('kind', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('days', models.PositiveIntegerField(blank=True, help_text='Empty: for ever.', null=True)),
                ('removed', models.BigIntegerField(default=0)),
                ('applied_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('customer', models.BigIntegerField()),
                ('for_good', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('asked', 'Under way'), ('checking', "Going through other people's messages"), ('done', 'Forgotten')], default='asked', max_length=16)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asked_by', models.CharField(max_length=254)),
                ('forgotten_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict, help_text='By table, how many rows went or changed.')),
                ('left', models.JSONField(default=dict, help_text='Ids that are gone, and those near them, until they are checked.')),
                ('let_in_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-asked_at'], name='erasure_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('customer',), name='erasure_once')],
            },
        ),
        migrations.CreateModel(
            name='ExportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(max_length=4)),
                ('number', models.IntegerField()),
                ('text', spindel.kit.sealed.SealedField()),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='privacy.export')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('export', 'format', 'number'), name='exportpart_once')],
            },
        ),
    ]
