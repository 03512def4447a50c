from django.apps import AppConfig


class ConsistencyConfig(AppConfig):
    name = "spindel.consistency"
