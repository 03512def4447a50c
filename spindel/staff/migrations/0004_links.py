from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_audit_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="link_made_at",
            field=models.DateTimeField(null=True),
        ),
    ]
