from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "spindel.commerce.payments"
