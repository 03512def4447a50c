
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Entries are only added. Retention may take away those that are over a year old.
_GUARD = """
CREATE FUNCTION staff_auditentry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '365 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is only added to';
END $$;
CREATE TRIGGER staff_auditentry_guard BEFORE UPDATE OR DELETE ON staff_auditentry
FOR EACH ROW EXECUTE FUNCTION staff_auditentry_guard();
"""
_UNGUARD = """
DROP TRIGGER staff_auditentry_guard ON staff_auditentry;
DROP FUNCTION staff_auditentry_guard();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='E-mail')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='Name')),
                ('role', models.CharField(choices=[('admin', 'Administrator'), ('marketer', 'Marketer'), ('agent', 'Customer service'), ('clerk', 'Store clerk'), ('analyst', 'Analyst')], default='agent', max_length=16)),
                ('is_active', models.BooleanField(default=True)),
                ('language', models.CharField(blank=True, max_length=5)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('link_made_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('scopes', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.CharField(max_length=254)),
                ('did', models.CharField(max_length=40)),
                ('customers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('detail', models.JSONField(default=dict)),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='audit_at'), models.Index(fields=['user', 'at'], name='audit_user'), models.Index(models.F('by'), models.F('did'), models.F('customers__0'), models.F('at'), name='audit_look'), models.Index(fields=['did', 'at'], name='audit_did'), django.contrib.postgres.indexes.GinIndex(fields=['customers'], name='audit_customers')],
            },
        ),
        migrations.RunSQL(_GUARD, _UNGUARD),
    ]
