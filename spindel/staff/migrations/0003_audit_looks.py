import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_audit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                django.db.models.expressions.F("by"),
                django.db.models.expressions.F("did"),
                django.db.models.expressions.F("customers__0"),
                django.db.models.expressions.F("at"),
                name="audit_look",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["did", "at"], name="audit_did"),
        ),
    ]
