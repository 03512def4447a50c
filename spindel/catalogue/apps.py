from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "spindel.catalogue"

    def ready(self) -> None:
        from spindel.catalogue import reading
        from spindel.identity import countries

        countries.register(reading.countries)
