
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_first'),
        ('identity', '0001_first'),
        ('orders', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=64, unique=True)),
                ('key', models.UUIDField(unique=True)),
                ('content', models.UUIDField(help_text='A hash of what was asked for first.')),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('accepted', 'Accepted'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='draft', max_length=9)),
                ('contact', models.JSONField(default=dict, help_text='name, email, phone')),
                ('contact_email', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('contact_phone', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('address', models.JSONField(default=dict, help_text='street, postcode, city, country')),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], max_length=8)),
                ('by', models.CharField(max_length=254)),
                ('market', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('language', models.CharField(max_length=5)),
                ('note', models.TextField(blank=True)),
                ('until', models.DateTimeField()),
                ('holds', models.BooleanField(default=False, help_text='Its stock is held meanwhile.')),
                ('pay_by', models.CharField(max_length=16)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_revision', models.PositiveSmallIntegerField(default=0, help_text='That was sent last.')),
                ('sent_key', models.UUIDField(help_text='Of the request that has sent it last.', null=True)),
                ('sent_content', models.UUIDField(help_text='A hash of what that has asked for.', null=True)),
                ('mailed', models.BooleanField(default=False, help_text='By mail; else she was given the link.')),
                ('seen_at', models.DateTimeField(help_text='When she first opened it.', null=True)),
                ('failed_at', models.DateTimeField(help_text='When she last could not accept it.', null=True)),
                ('failure', models.CharField(blank=True, choices=[('sold_out', 'Sold out'), ('changed', 'Changed since'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn'), ('not_right', 'Something in it is not right')], max_length=9)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=254)),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='quote', to='orders.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='QuoteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField()),
                ('quantity', models.PositiveSmallIntegerField()),
                ('amount', models.PositiveBigIntegerField()),
                ('list_amount', models.PositiveBigIntegerField()),
                ('fulfilment', models.CharField(choices=[('ship', 'Sent to the customer'), ('pick_up', 'Picked up in a store'), ('hand_over', 'Handed over at once')], max_length=9)),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('quote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='quotes.quote')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(fields=['identifier', 'made_at'], name='quote_of_identifier'),
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(condition=models.Q(('state', 'sent')), fields=['until'], name='quote_ending'),
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(fields=['made_at'], name='quote_made'),
        ),
        migrations.AddIndex(
            model_name='quote',
            index=models.Index(fields=['state', 'id'], name='quote_state'),
        ),
        migrations.AddConstraint(
            model_name='quoteline',
            constraint=models.UniqueConstraint(fields=('quote', 'line'), name='quoteline_once'),
        ),
        migrations.AddConstraint(
            model_name='quoteline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='quoteline_quantity'),
        ),
    ]
