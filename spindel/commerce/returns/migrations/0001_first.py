
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=64, unique=True)),
                ('key', models.UUIDField(unique=True)),
                ('content', models.UUIDField(help_text='A hash of what was asked for.')),
                ('state', models.CharField(choices=[('open', 'On its way back'), ('received', 'Taken in'), ('off', 'Called off'), ('overtaken', 'Came back otherwise')], default='open', max_length=9)),
                ('reason', models.CharField(max_length=40)),
                ('by_parcel', models.BooleanField()),
                ('until', models.DateTimeField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReturnRequestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
            ],
        ),
    ]
