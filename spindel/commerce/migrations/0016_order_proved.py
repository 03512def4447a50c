from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0015_contacts_in_their_normal_forms")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="proved",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whoever placed it had proved who she is, or somebody here has written"
                " it down.",
            ),
        )
    ]
