
import django.db.models.deletion
import django.db.models.functions.datetime
import spindel.kit.fields
from django.conf import settings
from django.db import migrations, models

# The ledger is only added to. Whatever was wrong is put right by a further movement.
_GUARD = """
CREATE FUNCTION stock_movement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements are only added';
END $$;
CREATE TRIGGER stock_movement_guard BEFORE UPDATE OR DELETE ON stock_movement
FOR EACH ROW EXECUTE FUNCTION stock_movement_guard();
"""
_UNGUARD = """
DROP TRIGGER stock_movement_guard ON stock_movement;
DROP FUNCTION stock_movement_guard();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_first'),
        ('identity', '0001_first'),
        ('shoppers', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('until', models.DateTimeField()),
                ('state', models.CharField(choices=[('active', 'Held'), ('released', 'Released'), ('expired', 'Expired'), ('handed_over', 'Handed over'), ('missing', 'Not found')], db_default='active', default='active', max_length=16)),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], max_length=8)),
                ('by', models.CharField(max_length=254)),
                ('key', models.UUIDField()),
                ('line', models.PositiveSmallIntegerField()),
                ('content', models.UUIDField(help_text='A hash of what was asked for.')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('set_aside_at', models.DateTimeField(help_text='Since then it lies ready.', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('extended', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('extended_key', models.UUIDField(null=True)),
                ('extended_content', models.UUIDField(null=True)),
                ('to_tell', models.BooleanField(db_default=False, default=False, help_text='It expired, and no fact says so yet.')),
                ('order_line_id', models.BigIntegerField(help_text='What it is kept for, where that was bought already.', null=True)),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('promised_by', models.ForeignKey(db_constraint=False, db_index=False, help_text='Who here has promised it to her.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shopper', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='shoppers.shopper')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Level',
            fields=[
                ('pk', models.CompositePrimaryKey('variant_id', 'place_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('on_hand', models.IntegerField(db_default=0, default=0)),
                ('held', models.IntegerField(db_default=0, default=0)),
                ('counted_at', models.DateTimeField(help_text='The moment of the last count.', null=True)),
                ('counted_before', models.DateTimeField(help_text='The moment of the one before it; the same moment where that is not known.', null=True)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.place')),
                ('variant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('delivery', 'Delivery'), ('sale', 'Sale'), ('hold', 'Hold'), ('release', 'Release'), ('transfer', 'Transfer'), ('count', 'Count'), ('return', 'Return'), ('damage', 'Damage')], max_length=16)),
                ('on_hand', models.IntegerField(db_default=0, default=0)),
                ('in_count', models.IntegerField(db_default=0, default=0)),
                ('counted_at', models.DateTimeField(null=True)),
                ('held', models.IntegerField(db_default=0, default=0)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('told_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.CharField(max_length=254)),
                ('key', models.UUIDField(null=True)),
                ('line', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('hold', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stock.hold')),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('seen_at', models.DateTimeField(null=True)),
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='broken_promise', to='stock.hold')),
                ('next', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.place')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='StockCheck',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('levels', models.BigIntegerField()),
                ('wrong', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='stockcheck_one_row')],
            },
        ),
        migrations.CreateModel(
            name='StockEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction', spindel.kit.fields.TransactionId(db_default=spindel.kit.fields.CurrentTransactionId(), editable=False)),
                ('kind', models.CharField(choices=[('low', 'Running low'), ('sold_out', 'Sold out'), ('back', 'Back in stock'), ('short', 'More promised than there is'), ('below_zero', 'Below zero')], max_length=16)),
                ('available', models.IntegerField()),
                ('on_hand', models.IntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.place')),
                ('variant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.variant')),
            ],
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['variant', 'place', 'until'], name='hold_active'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['until'], name='hold_ending'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('to_tell', True)), fields=['id'], name='hold_to_tell'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('identifier__isnull', False)), fields=['identifier'], name='hold_of_identifier'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('shopper__isnull', False)), fields=['shopper'], name='hold_of_shopper'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('order_line_id__isnull', False)), fields=['order_line_id'], name='hold_of_order_line'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['place', 'until'], name='hold_of_place'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('key', 'line'), name='hold_once'),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.CheckConstraint(condition=models.Q(('held__gte', 0)), name='level_held'),
        ),
        migrations.AddIndex(
            model_name='movement',
            index=models.Index(fields=['variant', 'place', 'at'], name='movement_of_level'),
        ),
        migrations.AddConstraint(
            model_name='movement',
            constraint=models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('key', 'line'), name='movement_once'),
        ),
        migrations.AddConstraint(
            model_name='movement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counted_at', None), ('in_count', 0)), models.Q(('counted_at__gte', models.F('at')), ('on_hand', 0)), _connector='OR'), name='movement_in_count'),
        ),
        migrations.AddIndex(
            model_name='promise',
            index=models.Index(condition=models.Q(('seen_at__isnull', True)), fields=['user'], name='promise_unseen'),
        ),
        migrations.AddIndex(
            model_name='stockevent',
            index=models.Index(fields=['transaction', 'id'], name='stockevent_order'),
        ),
        migrations.AddIndex(
            model_name='stockevent',
            index=models.Index(fields=['variant', 'place', 'id'], name='stockevent_of_level'),
        ),
        migrations.AddIndex(
            model_name='stockevent',
            index=models.Index(fields=['place', 'id'], name='stockevent_of_place'),
        ),
        migrations.RunSQL(_GUARD, _UNGUARD),
    ]
