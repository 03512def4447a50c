from django.apps import AppConfig


class SaunasConfig(AppConfig):
    name = "spindel.saunas"
