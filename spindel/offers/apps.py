from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "spindel.offers"

    def ready(self) -> None:
        from spindel.catalogue import anybody as catalogue
        from spindel.offers import anybody

        catalogue.register(anybody.discounts)
