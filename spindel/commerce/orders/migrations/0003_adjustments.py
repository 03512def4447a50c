import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A line of an order says what all of it comes to, and what was taken off it for which reason."""

    dependencies = [
        ('orders', '0002_lines'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='total',
            field=models.PositiveBigIntegerField(default=0, help_text='What all of them cost, adjustments included.'),
            preserve_default=False,
        ),
        migrations.RunSQL(
            'UPDATE orders_orderline SET total = quantity * amount', migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('total__lte', models.F('quantity') * models.F('amount'))), name='orderline_total'),
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
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__lt', 0)), name='adjustment_takes_off')],
            },
        ),
    ]
