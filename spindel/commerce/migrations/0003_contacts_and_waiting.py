import django.db.models.fields.json
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import spindel.kit.fields


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0002_carts_and_orders'),
    ]

    operations = [
        migrations.CreateModel(
            name='StockCursor',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('transaction', spindel.kit.fields.TransactionId()),
                ('event', models.BigIntegerField()),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='stockcursor_one_row')],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.text.Lower(django.db.models.fields.json.KT('contact__email')), name='order_email'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.text.Right(models.Func(django.db.models.fields.json.KT('contact__phone'), models.Value('[^0-9]'), models.Value(''), models.Value('g'), function='regexp_replace'), 8), name='order_phone'),
        ),
    ]
