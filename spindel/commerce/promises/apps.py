from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "spindel.commerce.promises"
