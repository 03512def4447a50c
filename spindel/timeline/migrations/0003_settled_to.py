"""How far it has been settled anew what a source has told that is trusted now, or is no more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timeline", "0002_sources")]

    operations = [
        migrations.AddField(
            "source",
            "settled_to",
            models.BigIntegerField(
                null=True,
                blank=True,
                help_text="It has become trusted, or is no more: what it has told counts anew as far as"
                " this identifier. Null: all of it counts as it should.",
            ),
        ),
    ]
