"""A mail may have an end: what it says is over then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messages", "0002_given_up")]

    operations = [
        migrations.AddField(
            "mail",
            "ends_at",
            models.DateTimeField(
                null=True, help_text="What it says is over then, and it is not sent any more."
            ),
        ),
    ]
