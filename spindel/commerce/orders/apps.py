from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "spindel.commerce.orders"

    def ready(self) -> None:
        from spindel.commerce.orders import hers, payments
        from spindel.commerce.payments import payable
        from spindel.identity import naming

        payable.register(payments.PAYABLE)
        naming.register(hers.names)
