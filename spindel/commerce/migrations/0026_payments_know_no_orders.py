import django.db.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0025_words")]

    operations = [
        migrations.RemoveField("payment", "order"),
        migrations.AddField("payment", "order_id", models.BigIntegerField(help_text="What is paid for; payments know no orders."), preserve_default=False),
        migrations.AddField("payment", "number", models.CharField(max_length=64, help_text="Of what is paid for, as people know it.")),
        migrations.AddField("payment", "language", models.CharField(max_length=5)),
        migrations.AddIndex(
            "payment", models.Index(fields=["order_id"], name="payment_of_order")
        ),
    ]
