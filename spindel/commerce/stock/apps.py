from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "spindel.commerce.stock"

    def ready(self) -> None:
        from spindel.catalogue import availability
        from spindel.commerce.stock.reading import levels

        availability.register(levels.AVAILABLE)
