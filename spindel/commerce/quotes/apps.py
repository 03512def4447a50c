from django.apps import AppConfig


class QuotesConfig(AppConfig):
    name = "spindel.commerce.quotes"

    def ready(self) -> None:
        from spindel.commerce.orders import filling
        from spindel.commerce.quotes import names, reading
        from spindel.identity import naming

        naming.register(names.names)
        filling.register(reading.typed)
