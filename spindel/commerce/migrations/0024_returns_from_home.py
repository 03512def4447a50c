
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Returns are started from home; lists of orders are saved under a name."""


    dependencies = [
        ('catalogue', '0002_markets_by_index'),
        ('commerce', '0023_due'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('ready', 'Ready'), ('not_ready', 'Not Ready'), ('sent', 'Sent'), ('cancelled', 'Cancelled'), ('return_started', 'Started'), ('refunded', 'Refunded'), ('exchanged', 'Exchanged'), ('held', 'Held'), ('lapsed', 'Lapsed')], max_length=16),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='kind',
            field=models.CharField(choices=[('placed', 'Placed'), ('confirmed', 'Confirmed'), ('paid', 'Paid'), ('payment_failed', 'The payment failed'), ('shipped', 'Sent'), ('arrived', 'Arrived'), ('handed_over', 'Handed over'), ('undone', 'Not handed over after all'), ('cancelled', 'Cancelled'), ('not_found', 'Not found in the store'), ('return_started', 'Return started'), ('return_off', 'Return called off'), ('returned', 'Given back'), ('exchanged', 'Exchanged'), ('refunded', 'Paid back'), ('claimed', 'Added with the receipt'), ('disputed', 'The payment is disputed'), ('dispute_over', 'The bank has decided')], max_length=16),
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
                ('hold', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='commerce.hold')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='return_requests', to='commerce.order')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('taken', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request', to='commerce.return')),
                ('wanted', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnRequestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commerce.orderline')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='commerce.returnrequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'order_line'), name='requestline_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='requestline_quantity')],
            },
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
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='savedview_once')],
            },
        ),
    ]
