
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_first'),
        ('orders', '0001_first'),
        ('stock', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='returnrequest',
            name='hold',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stock.hold'),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='return_requests', to='orders.order'),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='place',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place'),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='taken',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request', to='orders.return'),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='wanted',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant'),
        ),
        migrations.AddField(
            model_name='returnrequestline',
            name='order_line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline'),
        ),
        migrations.AddField(
            model_name='returnrequestline',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.returnrequest'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='shipment',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments', to='orders.order'),
        ),
        migrations.AddField(
            model_name='shipment',
            name='place',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place'),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='order_line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.orderline'),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='shipment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.shipment'),
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
