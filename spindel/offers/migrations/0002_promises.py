

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_first'),
        ('offers', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AlterField(
            model_name='offeruse',
            name='offer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='offers.offer'),
        ),
        migrations.CreateModel(
            name='ListedCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='offers.customerlist')),
            ],
        ),
        migrations.CreateModel(
            name='OfferShowing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('by', models.CharField(max_length=254)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offers.customerlist')),
                ('offer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='showings', to='offers.offer')),
            ],
        ),
        migrations.CreateModel(
            name='PricePromise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0)),
                ('terms', models.JSONField()),
                ('source', models.CharField(choices=[('personal', 'Promised to her'), ('reward', 'A reward'), ('shown', 'Shown to her')], max_length=8)),
                ('reference', models.CharField(max_length=100)),
                ('channel', models.CharField(blank=True, max_length=16)),
                ('by', models.CharField(blank=True, max_length=254)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('kept', 'Kept'), ('lapsed', 'Lapsed'), ('withdrawn', 'Withdrawn')], default='open', max_length=9)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it came to its state.')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='offers.offer')),
            ],
        ),
        migrations.AddField(
            model_name='offeruse',
            name='promise',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='offers.pricepromise'),
        ),
        migrations.AddConstraint(
            model_name='offeruse',
            constraint=models.UniqueConstraint(fields=('order', 'promise'), name='offeruse_promise_once'),
        ),
        migrations.AddConstraint(
            model_name='offeruse',
            constraint=models.CheckConstraint(condition=models.Q(('offer__isnull', False), ('promise__isnull', False), _connector='OR'), name='offeruse_of'),
        ),
        migrations.AddIndex(
            model_name='listedcustomer',
            index=models.Index(fields=['list'], name='listedcustomer_of_list'),
        ),
        migrations.AddConstraint(
            model_name='listedcustomer',
            constraint=models.UniqueConstraint(fields=('identifier', 'list'), name='listedcustomer_once'),
        ),
        migrations.AddConstraint(
            model_name='offershowing',
            constraint=models.UniqueConstraint(fields=('offer', 'version', 'list'), name='offershowing_once'),
        ),
        migrations.AddIndex(
            model_name='pricepromise',
            index=models.Index(fields=['identifier'], name='pricepromise_of'),
        ),
        migrations.AddIndex(
            model_name='pricepromise',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['identifier'], name='pricepromise_open'),
        ),
        migrations.AddIndex(
            model_name='pricepromise',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['until'], name='pricepromise_until'),
        ),
        migrations.AddConstraint(
            model_name='pricepromise',
            constraint=models.UniqueConstraint(fields=('source', 'reference', 'identifier'), name='pricepromise_once'),
        ),
        migrations.AddConstraint(
            model_name='pricepromise',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('offer__isnull', False), ('source', 'shown')), models.Q(('offer__isnull', True), ('source__in', ['personal', 'reward'])), _connector='OR'), name='pricepromise_of_offer'),
        ),
    ]
