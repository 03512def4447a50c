
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmed', 'Confirmed'), ('ready', 'Ready'), ('not_ready', 'Not Ready'), ('sent', 'Sent'), ('cancelled', 'Cancelled'), ('return_started', 'Started'), ('refunded', 'Refunded'), ('exchanged', 'Exchanged'), ('held', 'Held'), ('lapsed', 'Lapsed')], max_length=16)),
                ('about', models.BigIntegerField()),
                ('amount', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('together', models.BigIntegerField(null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
    ]
