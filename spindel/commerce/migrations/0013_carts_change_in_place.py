from django.db import migrations


class Migration(migrations.Migration):
    """Room on each page of carts for their next versions: without it a change, which touches no
    index, has to write all of them.
    """

    dependencies = [("commerce", "0012_login_mails_counted")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE commerce_cart SET (fillfactor = 70)",
            "ALTER TABLE commerce_cart RESET (fillfactor)",
        )
    ]
