
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('staff', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('store', 'Store'), ('warehouse', 'Warehouse')], default='store', max_length=16)),
                ('street', models.CharField(blank=True, max_length=200)),
                ('postcode', models.CharField(blank=True, max_length=16)),
                ('city', models.CharField(blank=True, max_length=120)),
                ('country', models.CharField(default='SE', max_length=2)),
                ('latitude', models.FloatField(null=True)),
                ('longitude', models.FloatField(null=True)),
                ('time_zone', models.CharField(default='Europe/Stockholm', max_length=64)),
                ('hours', models.JSONField(default=dict, help_text='By weekday, 1 Monday to 7: [["10:00", "18:00"]]; none: closed.')),
                ('exceptions', models.JSONField(default=dict, help_text='By date: {"2026-12-24": [["10:00", "13:00"]]}; []: closed.')),
                ('ships', models.BooleanField(default=False)),
                ('hands_over', models.BooleanField(default=True)),
                ('closed_at', models.DateTimeField(help_text='For good.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Option',
            fields=[
                ('filter', models.TextField(primary_key=True, serialize=False)),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='option_words')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=64, unique=True)),
                ('names', models.JSONField(default=dict)),
                ('texts', models.JSONField(default=dict)),
                ('brand', models.CharField(blank=True, max_length=120)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                ('attributes', models.JSONField(default=dict)),
                ('pictures', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=500), default=list, size=None)),
                ('vat', models.PositiveSmallIntegerField(default=2500, help_text='In hundredths of a percent.')),
                ('words', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('filters', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('by_hand', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=models.Value('{}'), help_text='See `manual_edits`.', size=None)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='product_words'), django.contrib.postgres.indexes.GinIndex(fields=['filters'], name='product_filters'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('number'), 'text_pattern_ops'), name='product_lower_number')],
            },
        ),
        migrations.CreateModel(
            name='Edit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=254)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('before', models.JSONField(null=True)),
                ('fields', models.JSONField(help_text='Of the product, and of variants by SKU.')),
                ('undone_at', models.DateTimeField(null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='catalogue.product')),
            ],
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=64, unique=True)),
                ('gtin', models.CharField(max_length=14, null=True, unique=True)),
                ('options', models.JSONField(default=dict, help_text='Such as size and colour.')),
                ('pictures', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=500), default=list, size=None)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('filters', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=models.Value('{}'), size=None)),
                ('by_hand', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=models.Value('{}'), help_text='See `manual_edits`.', size=None)),
                ('removed_at', models.DateTimeField(null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='variants', to='catalogue.product')),
            ],
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('market', models.CharField(help_text='ISO 3166 code of the country.', max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.PositiveBigIntegerField()),
                ('sale', models.BooleanField(default=False)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField(null=True)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='catalogue.variant')),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('word', models.CharField(max_length=24, primary_key=True, serialize=False)),
                ('near', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['near'], name='word_near')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('helps_on', models.DateField(null=True)),
                ('helps', models.ForeignKey(help_text='Another store, for a day.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.place')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.place')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('helps__isnull', True), ('helps_on__isnull', True)), models.Q(('helps__isnull', False), ('helps_on__isnull', False)), _connector='OR'), name='post_helps_on')],
            },
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(fields=['product', 'position'], name='variant_of_product'),
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('sku'), 'text_pattern_ops'), name='variant_lower_sku'),
        ),
        migrations.AddIndex(
            model_name='price',
            index=models.Index(fields=['market'], name='price_market'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.UniqueConstraint(fields=('variant', 'market', 'currency', 'sale', 'since'), name='price_once'),
        ),
    ]
