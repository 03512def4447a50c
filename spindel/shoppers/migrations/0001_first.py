
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('identity', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shopper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('cart_id', models.BigIntegerField(db_index=True, help_text='What lies in her cart; sessions know no carts.', null=True)),
                ('market', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('language', models.CharField(max_length=5)),
                ('channel', models.CharField(choices=[('web', 'Web'), ('app', 'App'), ('store', 'Store'), ('phone', 'Phone'), ('chat', 'Chat'), ('email', 'E-mail'), ('sms', 'SMS'), ('social', 'Social and ads'), ('service', 'Customer service'), ('other', 'Other')], default='web', max_length=8)),
                ('shop', models.CharField(help_text='The token that let her in, by name.', max_length=120)),
                ('network', models.CharField(db_default='', default='', max_length=32)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('used_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('browser', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
            ],
        ),
        migrations.CreateModel(
            name='LoginLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('network', models.CharField(db_default='', default='', max_length=32)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ends_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('identifier', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='identity.identifier')),
                ('shopper', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='shoppers.shopper')),
            ],
        ),
        migrations.AddIndex(
            model_name='shopper',
            index=models.Index(fields=['browser'], name='shopper_browser'),
        ),
        migrations.AddIndex(
            model_name='shopper',
            index=models.Index(fields=['identifier'], name='shopper_identifier'),
        ),
        migrations.AddIndex(
            model_name='shopper',
            index=models.Index(fields=['used_at'], name='shopper_used'),
        ),
        migrations.AddIndex(
            model_name='loginlink',
            index=models.Index(fields=['identifier', 'made_at'], name='loginlink_of'),
        ),
        migrations.AddIndex(
            model_name='loginlink',
            index=models.Index(fields=['shopper', 'made_at'], name='loginlink_of_shopper'),
        ),
        migrations.AddIndex(
            model_name='loginlink',
            index=models.Index(fields=['network', 'made_at'], name='loginlink_of_network'),
        ),
    ]
