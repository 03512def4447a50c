from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('collect', '0003_mendings_counted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Recorded',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minute', models.DateTimeField()),
                ('channel', models.CharField(max_length=8)),
                ('count', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('minute', 'channel'), name='recorded_once')],
            },
        ),
    ]
