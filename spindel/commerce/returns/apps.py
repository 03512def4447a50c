from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "spindel.commerce.returns"
