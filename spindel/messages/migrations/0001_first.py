
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('identity', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it is tried next.')),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('done_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(help_text='When it was given up.', null=True)),
                ('settled_at', models.DateTimeField(help_text='Somebody here has seen to it.', null=True)),
                ('error', models.CharField(blank=True, help_text='Of the last attempt.', max_length=120)),
                ('key', models.UUIDField(unique=True)),
                ('purpose', models.CharField(max_length=16)),
                ('to', models.CharField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('normal_form', models.CharField(blank=True, help_text='The address as identity keeps it.', max_length=254)),
                ('subject', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True)),
                ('attached', models.BinaryField(null=True)),
                ('attached_as', models.CharField(blank=True, help_text="The file's name.", max_length=80)),
                ('language', models.CharField(max_length=8)),
                ('message_id', models.CharField(help_text='The same, however often it is tried.', max_length=320)),
                ('ends_at', models.DateTimeField(help_text='What it says is over then, and it is not sent any more.', null=True)),
                ('put_away', models.BooleanField(db_default=False, default=False, help_text='The bodies are gone, and the file.')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None), ('failed_at', None)), fields=['attempts', 'due'], name='mail_waiting'), models.Index(condition=models.Q(('failed_at__isnull', False)), fields=['failed_at'], name='mail_failed'), models.Index(condition=models.Q(('failed_at__isnull', False), ('settled_at', None)), fields=['failed_at'], name='mail_given_up'), models.Index(condition=models.Q(('put_away', False)), fields=['made_at'], name='mail_with_body'), models.Index(fields=['normal_form'], name='mail_of_address'), models.Index(condition=models.Q(('identifier__isnull', False)), fields=['identifier'], name='mail_of_identifier')],
            },
        ),
    ]
