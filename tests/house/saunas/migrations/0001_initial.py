import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    initial = True
    dependencies = [("identity", "0001_first")]
    operations = [
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("people", models.PositiveIntegerField()),
                ("at", models.DateTimeField(db_default=Now())),
                ("confirmed", models.BooleanField(db_default=False)),
                ("heated", models.BooleanField(db_default=False)),
                (
                    "identifier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="identity.identifier"
                    ),
                ),
            ],
        ),
    ]
