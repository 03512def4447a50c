
import django.db.models.deletion
import django.db.models.functions.datetime
import spindel.kit.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_first'),
        ('identity', '0001_first'),
        ('shoppers', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='StockCursor',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('transaction', spindel.kit.fields.TransactionId()),
                ('event', models.BigIntegerField()),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='stockcursor_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('waits', models.BooleanField(default=False, help_text='She wants to know when it is back.')),
                ('language', models.CharField(db_default='en', default='en', max_length=5)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('back_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('shopper', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='shoppers.shopper')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
            options={
                'indexes': [models.Index(fields=['identifier'], name='wish_of_identifier'), models.Index(condition=models.Q(('back_at__isnull', True), ('waits', True)), fields=['variant'], name='wish_waiting'), models.Index(condition=models.Q(('back_at__isnull', False), ('waits', True)), fields=['id'], name='wish_to_tell')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('shopper__isnull', True)), fields=('identifier', 'variant'), name='wish_once'), models.UniqueConstraint(condition=models.Q(('shopper__isnull', False)), fields=('shopper', 'variant'), name='wish_once_in_session')],
            },
        ),
    ]
