
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('carts', '0001_first'),
        ('catalogue', '0001_first'),
        ('identity', '0001_first'),
        ('shoppers', '0001_first'),
        ('stock', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(blank=True, max_length=200, unique=True)),
                ('days', models.PositiveSmallIntegerField(default=30, help_text='None: they are not taken back.')),
                ('damaged', models.BooleanField(default=False, help_text='Damaged ones are taken back, too.')),
            ],
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=64, unique=True)),
                ('key', models.UUIDField(unique=True)),
                ('content', models.UUIDField(help_text='A hash of what was asked for.')),
                ('state', models.CharField(choices=[('awaiting', 'Waits for the payment'), ('confirmed', 'Confirmed'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], max_length=9)),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], max_length=8)),
                ('by', models.CharField(help_text='Who wrote it down; empty: the shopper.', max_length=254)),
                ('market', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('language', models.CharField(max_length=5)),
                ('total', models.PositiveBigIntegerField()),
                ('vat', models.PositiveBigIntegerField()),
                ('proved', models.BooleanField(db_default=False, default=False, help_text='Whoever placed it had proved who she is, or somebody here has written it down.')),
                ('contact', models.JSONField(default=dict, help_text='name, email, phone')),
                ('contact_email', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('contact_phone', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('address', models.JSONField(default=dict, help_text='street, postcode, city, country')),
                ('placed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('cart', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='carts.cart')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('shopper', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='shoppers.shopper')),
            ],
        ),
        migrations.CreateModel(
            name='OrderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('placed', 'Placed'), ('confirmed', 'Confirmed'), ('paid', 'Paid'), ('payment_failed', 'The payment failed'), ('shipped', 'Sent'), ('arrived', 'Arrived'), ('handed_over', 'Handed over'), ('undone', 'Not handed over after all'), ('cancelled', 'Cancelled'), ('not_found', 'Not found in the store'), ('return_started', 'Return started'), ('return_off', 'Return called off'), ('returned', 'Given back'), ('exchanged', 'Exchanged'), ('refunded', 'Paid back'), ('claimed', 'Added with the receipt'), ('disputed', 'The payment is disputed'), ('dispute_over', 'The bank has decided')], max_length=16)),
                ('by', models.CharField(blank=True, max_length=254)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('detail', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField()),
                ('sku', models.CharField(max_length=64)),
                ('product', models.CharField(help_text="The product's number.", max_length=64)),
                ('name', models.CharField(max_length=300)),
                ('options', models.CharField(help_text='Size, colour and so on, in words.', max_length=300)),
                ('quantity', models.PositiveSmallIntegerField()),
                ('amount', models.PositiveBigIntegerField(help_text='What one costs, VAT included.')),
                ('list_amount', models.PositiveBigIntegerField(help_text='What one cost everybody else.')),
                ('total', models.PositiveBigIntegerField(help_text='What all of them cost, adjustments included.')),
                ('vat_rate', models.PositiveSmallIntegerField(help_text='In hundredths of a percent.')),
                ('fulfilment', models.CharField(choices=[('ship', 'Sent to the customer'), ('pick_up', 'Picked up in a store'), ('hand_over', 'Handed over at once')], max_length=9)),
                ('delivered', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('cancelled', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('returned', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='OrderLineAdjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('reason', models.CharField(help_text='Why, in a word for machines.', max_length=40)),
                ('label', models.CharField(help_text='Why, in words for the customer.', max_length=300)),
                ('source', models.CharField(help_text='What it comes from: offer:12.', max_length=120)),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='adjustments', to='orders.orderline')),
            ],
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=64, unique=True)),
                ('key', models.UUIDField(unique=True)),
                ('content', models.UUIDField(help_text='A hash of what was asked for.')),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], max_length=8)),
                ('by', models.CharField(max_length=254)),
                ('refund', models.PositiveBigIntegerField(default=0)),
                ('credited', models.PositiveBigIntegerField(default=0)),
                ('overruled', models.CharField(blank=True, help_text='Why it was taken although the policy says no.', max_length=300)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('exchange', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exchange_of', to='orders.order')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='orders.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('condition', models.CharField(choices=[('good', 'Can be sold'), ('damaged', 'Damaged')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('amount', models.PositiveBigIntegerField(help_text='What they count for, all of them together.')),
                ('back', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.return')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backs', to='orders.orderline')),
            ],
        ),
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
                ('hold', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stock.hold')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='return_requests', to='orders.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('taken', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request', to='orders.return')),
                ('wanted', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnRequestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.returnrequest')),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(max_length=600)),
                ('shared', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('content', models.UUIDField(help_text='A hash of what was asked for.')),
                ('fulfilment', models.CharField(choices=[('ship', 'Sent to the customer'), ('pick_up', 'Picked up in a store'), ('hand_over', 'Handed over at once')], max_length=9)),
                ('carrier', models.CharField(blank=True, max_length=60)),
                ('tracking', models.CharField(blank=True, max_length=120)),
                ('tracking_url', models.URLField(blank=True, max_length=500)),
                ('arrived_at', models.DateTimeField(null=True)),
                ('by', models.CharField(max_length=254)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments', to='orders.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
            ],
        ),
        migrations.CreateModel(
            name='ShipmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.orderline')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.shipment')),
            ],
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['identifier', 'placed_at'], name='order_of_identifier'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['placed_at'], name='order_placed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', 'placed_at'], name='order_state'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('cart__isnull', False)), fields=['cart'], name='order_of_cart'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('shopper__isnull', False)), fields=['shopper'], name='order_of_shopper'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['contact_email'], name='order_email'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['contact_phone'], name='order_phone'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(fields=('order', 'line'), name='orderline_once'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='orderline_quantity'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', django.db.models.expressions.CombinedExpression(models.F('delivered'), '+', models.F('cancelled')))), name='orderline_out'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('delivered__gte', models.F('returned'))), name='orderline_back'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('total__lte', django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('amount')))), name='orderline_total'),
        ),
        migrations.AddConstraint(
            model_name='orderlineadjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__lt', 0)), name='adjustment_takes_off'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['identifier', 'at'], name='return_of_identifier'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['place', 'id'], name='return_of_place'),
        ),
        migrations.AddConstraint(
            model_name='returnline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='returnline_quantity'),
        ),
        migrations.AddConstraint(
            model_name='returnrequestline',
            constraint=models.UniqueConstraint(fields=('request', 'order_line'), name='requestline_once'),
        ),
        migrations.AddConstraint(
            model_name='returnrequestline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='requestline_quantity'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='savedview_once'),
        ),
    ]
