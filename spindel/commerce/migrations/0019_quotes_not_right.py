"""A quote that could not be accepted as something in it is not right."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0018_whole_requests")]

    operations = [
        migrations.AlterField(
            "quote",
            "failure",
            models.CharField(
                blank=True,
                choices=[
                    ("sold_out", "Sold out"),
                    ("changed", "Changed since"),
                    ("expired", "Expired"),
                    ("withdrawn", "Withdrawn"),
                    ("not_right", "Something in it is not right"),
                ],
                max_length=9,
            ),
        ),
    ]
