from django.apps import AppConfig


class QuotesConfig(AppConfig):
    name = "spindel.commerce.quotes"
