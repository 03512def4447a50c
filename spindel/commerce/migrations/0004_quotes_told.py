import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0003_contacts_and_waiting"),
    ]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="address",
            field=models.JSONField(default=dict, help_text="street, postcode, city, country"),
        ),
        migrations.AddField(
            model_name="quote",
            name="content",
            field=models.UUIDField(
                default=uuid.uuid4, help_text="A hash of what was asked for first."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="quote",
            name="ended_by",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="quote",
            name="failed_at",
            field=models.DateTimeField(help_text="When she last could not accept it.", null=True),
        ),
        migrations.AddField(
            model_name="quote",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sold_out", "Sold out"),
                    ("changed", "Changed since"),
                    ("expired", "Expired"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="mailed",
            field=models.BooleanField(
                default=False, help_text="By mail; else she was given the link."
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="sent_revision",
            field=models.PositiveSmallIntegerField(default=0, help_text="That was sent last."),
        ),
    ]
