import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """Whatever is done by a key keeps a hash of its request, by which another one is refused."""

    dependencies = [("commerce", "0017_counted_already")]

    operations = [
        migrations.AddField(
            model_name="cartline",
            name="content",
            field=models.UUIDField(help_text="A hash of what that has asked for.", null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="extended_content",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="quote",
            name="sent_content",
            field=models.UUIDField(help_text="A hash of what that has asked for.", null=True),
        ),
        migrations.AddField(
            model_name="quote",
            name="sent_key",
            field=models.UUIDField(
                help_text="Of the request that has sent it last.", null=True
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="content",
            field=models.UUIDField(default=uuid.uuid4, help_text="A hash of what was asked for."),
            preserve_default=False,
        ),
    ]
