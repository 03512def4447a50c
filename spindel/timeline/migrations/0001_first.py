
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import spindel.kit.fields
import spindel.timeline.models
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE timeline_fact_sequence",
            "DROP SEQUENCE timeline_fact_sequence",
        ),
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('follower', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('transaction', spindel.kit.fields.TransactionId()),
                ('sequence', models.BigIntegerField(default=0)),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('error', models.TextField(blank=True, default='')),
                ('failed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('web', 'Web shop'), ('app', 'App'), ('pos', 'Tills'), ('erp', 'ERP'), ('crm', 'CRM'), ('mail', 'E-mail'), ('ads', 'Advertising'), ('call_centre', 'Call centre'), ('other', 'Other')], max_length=16)),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], max_length=8)),
                ('country', models.CharField(default='SE', help_text='The country of phone numbers written without one.', max_length=2)),
                ('trusted', models.BooleanField(default=False, help_text='What it says of a customer wins over what sources that are not trusted say.')),
                ('rate_limit', models.PositiveIntegerField(blank=True, help_text='Messages a second and process; empty: no limit.', null=True)),
                ('strict', models.BooleanField(db_default=False, default=False, help_text='Messages that are off its tracking plan are dropped.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('archived_at', models.DateTimeField(blank=True, help_text='Since then its keys let nobody write.', null=True)),
                ('settled_to', models.BigIntegerField(blank=True, help_text='It has become trusted, or is no more: what it has told counts anew as far as this identifier. Null: all of it counts as it should.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WriteKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=spindel.timeline.models.new_write_key, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='write_keys', to='timeline.source')),
            ],
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('transaction', spindel.kit.fields.TransactionId(db_default=spindel.kit.fields.CurrentTransactionId(), editable=False)),
                ('sequence', models.BigIntegerField(db_default=spindel.kit.fields.NextValue('timeline_fact_sequence'), editable=False)),
                ('identifier_id', models.BigIntegerField()),
                ('also', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                ('name', models.TextField()),
                ('channel', models.TextField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')])),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('properties', models.JSONField(default=dict)),
                ('context', models.JSONField(null=True)),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='timeline.source')),
            ],
            options={
                'indexes': [models.Index(fields=['transaction', 'sequence'], name='fact_order'), models.Index(fields=['identifier_id', 'occurred_at', 'sequence'], name='fact_timeline'), django.contrib.postgres.indexes.BrinIndex(fields=['received_at'], name='fact_received')],
            },
        ),
    ]
