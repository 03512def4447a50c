from django.db import migrations, models


class Migration(migrations.Migration):
    """What was handed over by mistake is not handed over after all."""

    dependencies = [("commerce", "0021_customer_service")]

    operations = [
        migrations.AlterField(
            model_name="orderevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("placed", "Placed"),
                    ("confirmed", "Confirmed"),
                    ("paid", "Paid"),
                    ("payment_failed", "The payment failed"),
                    ("shipped", "Sent"),
                    ("arrived", "Arrived"),
                    ("handed_over", "Handed over"),
                    ("undone", "Not handed over after all"),
                    ("cancelled", "Cancelled"),
                    ("not_found", "Not found in the store"),
                    ("returned", "Given back"),
                    ("exchanged", "Exchanged"),
                    ("refunded", "Paid back"),
                    ("claimed", "Added with the receipt"),
                    ("disputed", "The payment is disputed"),
                    ("dispute_over", "The bank has decided"),
                ],
                max_length=16,
            ),
        ),
    ]
