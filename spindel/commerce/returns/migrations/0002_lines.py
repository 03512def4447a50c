
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0005_posts'),
        ('orders', '0002_lines'),
        ('returns', '0001_first'),
        ('stock', '0001_first'),
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
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='returns.returnrequest'),
        ),
        migrations.AddConstraint(
            model_name='returnrequestline',
            constraint=models.UniqueConstraint(fields=('request', 'order_line'), name='requestline_once'),
        ),
        migrations.AddConstraint(
            model_name='returnrequestline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='requestline_quantity'),
        ),
    ]
