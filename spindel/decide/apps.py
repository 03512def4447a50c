from django.apps import AppConfig


class DecideConfig(AppConfig):
    name = "spindel.decide"
