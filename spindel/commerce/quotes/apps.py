from django.apps import AppConfig


class QuotesConfig(AppConfig):
    name = "spindel.commerce.quotes"

    def ready(self) -> None:
        from spindel.commerce.orders import prefill
        from spindel.commerce.quotes import customer_names, reading
        from spindel.identity import naming

        naming.register(customer_names.names)
        prefill.register(reading.typed)
