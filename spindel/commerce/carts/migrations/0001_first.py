
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_first'),
        ('identity', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('ordered', 'Ordered'), ('merged', 'Part of another cart')], db_default='open', default='open', max_length=8)),
                ('market', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('version', models.PositiveIntegerField(db_default=0, default=0)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('abandoned_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.customer')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='carts.cart')),
            ],
        ),
        migrations.CreateModel(
            name='CartLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('fulfilment', models.CharField(choices=[('ship', 'Sent to the customer'), ('pick_up', 'Picked up in a store'), ('hand_over', 'Handed over at once')], db_default='ship', default='ship', max_length=9)),
                ('saved', models.BooleanField(db_default=False, default=False)),
                ('seen_amount', models.PositiveBigIntegerField(help_text='What one cost when the line was last touched, in minor units.', null=True)),
                ('key', models.UUIDField(help_text='Of the request that last added to it.', null=True)),
                ('content', models.UUIDField(help_text='A hash of what that has asked for.', null=True)),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('cart', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='carts.cart')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='CartMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('had', models.JSONField()),
                ('brought', models.JSONField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('apart_at', models.DateTimeField(help_text='Since then it is taken apart.', null=True)),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='carts.cart')),
                ('origin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='carts.cart')),
            ],
        ),
        migrations.AddIndex(
            model_name='cart',
            index=models.Index(fields=['identifier'], name='cart_of_identifier'),
        ),
        migrations.AddIndex(
            model_name='cart',
            index=models.Index(condition=models.Q(('abandoned_at__isnull', True), ('state', 'open')), fields=['changed_at'], name='cart_to_abandon'),
        ),
        migrations.AddConstraint(
            model_name='cart',
            constraint=models.UniqueConstraint(condition=models.Q(('customer__isnull', False), ('state', 'open')), fields=('customer',), name='cart_one_open'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.UniqueConstraint(fields=('cart', 'variant'), name='cartline_once'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='cartline_quantity'),
        ),
        # Room on each page of carts for their next versions: without it a change, which touches no
        # index, has to write all of them.
        migrations.RunSQL(
            "ALTER TABLE carts_cart SET (fillfactor = 70)",
            "ALTER TABLE carts_cart RESET (fillfactor)",
        ),
    ]
