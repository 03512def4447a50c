

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offers', '0004_deliveryfee'),
    ]

    operations = [
        migrations.AddField(
            model_name='pricepromise',
            name='content',
            field=models.UUIDField(help_text='A hash of what the request has asked for.', null=True),
        ),
    ]
