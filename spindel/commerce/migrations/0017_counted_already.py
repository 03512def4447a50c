from django.db import migrations, models


class Migration(migrations.Migration):
    """A movement that is in a count already says so, and a count can be taken back exactly."""

    dependencies = [
        ("catalogue", "0001_initial"),
        ("commerce", "0016_order_proved"),
    ]

    operations = [
        migrations.AddField(
            model_name="level",
            name="counted_before",
            field=models.DateTimeField(
                help_text="The moment of the one before it; the same moment where that is not known.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="counted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="movement",
            name="in_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted_at", None), ("in_count", 0)),
                    models.Q(("counted_at__gte", models.F("at")), ("on_hand", 0)),
                    _connector="OR",
                ),
                name="movement_in_count",
            ),
        ),
    ]
