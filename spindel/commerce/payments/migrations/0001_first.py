
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.BigIntegerField(help_text='What is paid for; payments know no orders.')),
                ('number', models.CharField(help_text='Of what is paid for, as people know it.', max_length=64)),
                ('language', models.CharField(max_length=5)),
                ('provider', models.CharField(max_length=16)),
                ('key', models.UUIDField(unique=True)),
                ('state', models.CharField(choices=[('pending', 'Not paid yet'), ('authorised', 'Reserved on the card'), ('captured', 'Paid'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], db_default='pending', default='pending', max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.PositiveBigIntegerField()),
                ('authorised', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('captured', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('refunded', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('reference', models.CharField(blank=True, help_text="The provider's own name.", max_length=255)),
                ('url', models.URLField(blank=True, help_text='Where she pays.', max_length=2000)),
                ('ends_at', models.DateTimeField(help_text='Then it is asked of the provider no more.', null=True)),
                ('waits_until', models.DateTimeField(help_text='Where she is asked to by a link.', null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['order_id'], name='payment_of_order')],
                'constraints': [models.CheckConstraint(condition=models.Q(('captured__gte', models.F('refunded'))), name='payment_refunded'), models.CheckConstraint(condition=models.Q(('amount__gte', models.F('captured'))), name='payment_captured'), models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('provider', 'reference'), name='payment_reference')],
            },
        ),
        migrations.CreateModel(
            name='PaymentCommand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it is tried next.')),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('done_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(help_text='When it was given up.', null=True)),
                ('settled_at', models.DateTimeField(help_text='Somebody here has seen to it.', null=True)),
                ('error', models.CharField(blank=True, help_text='Of the last attempt.', max_length=120)),
                ('kind', models.CharField(choices=[('capture', 'Take the money'), ('refund', 'Pay back'), ('cancel', 'Release')], max_length=8)),
                ('amount', models.PositiveBigIntegerField(default=0)),
                ('key', models.UUIDField(unique=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commands', to='payments.payment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('failed_at__isnull', False)), fields=['failed_at'], name='paymentcommand_failed'), models.Index(condition=models.Q(('done_at__isnull', True), ('failed_at__isnull', True)), fields=['attempts', 'due'], name='paymentcommand_due')],
            },
        ),
        migrations.CreateModel(
            name='PaymentDispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(help_text="The provider's own name.", max_length=255, unique=True)),
                ('amount', models.PositiveBigIntegerField()),
                ('currency', models.CharField(db_default='', default='', max_length=3)),
                ('reason', models.CharField(help_text="The provider's code for why.", max_length=40)),
                ('state', models.CharField(choices=[('open', 'Waits for our answer'), ('review', 'The bank looks at it'), ('won', 'Decided for us'), ('lost', 'Decided for the customer')], max_length=6)),
                ('due_by', models.DateTimeField(help_text='An answer counts until then.', null=True)),
                ('told_at', models.DateTimeField(help_text='What is kept here was true then.')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('settled_at', models.DateTimeField(help_text='Somebody here has seen to it.', null=True)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='disputes', to='payments.payment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['made_at'], name='paymentdispute_unsettled')],
            },
        ),
        migrations.CreateModel(
            name='PaymentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=16)),
                ('event_id', models.CharField(max_length=255)),
                ('kind', models.CharField(max_length=80)),
                ('at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('trouble', models.CharField(blank=True, choices=[('currency', 'Money came in another currency'), ('paid_back', 'Money was paid back, and not from here'), ('unreadable', 'What a payment provider told can’t be read')], db_default='', default='', max_length=10)),
                ('settled_at', models.DateTimeField(help_text='Somebody here has seen to it.', null=True)),
                ('payment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='told', to='payments.payment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(models.Q(('trouble', ''), _negated=True), ('settled_at', None)), fields=['received_at'], name='paymentevent_trouble')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'event_id'), name='paymentevent_once')],
            },
        ),
    ]
