from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('club', '0001_first'),
        ('identity', '0001_first'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='clubmember',
            index=models.Index(fields=['identifier'], name='clubmember_of_identifier'),
        ),
    ]
