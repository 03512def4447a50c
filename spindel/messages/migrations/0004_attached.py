from django.db import migrations, models


class Migration(migrations.Migration):
    """A mail may bring a file, such as a receipt."""

    dependencies = [("messages", "0003_ends_at")]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="attached",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="mail",
            name="attached_as",
            field=models.CharField(blank=True, default="", help_text="The file's name.", max_length=80),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="mail",
            name="put_away",
            field=models.BooleanField(
                db_default=False, default=False, help_text="The bodies are gone, and the file."
            ),
        ),
    ]
