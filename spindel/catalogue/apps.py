from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "spindel.catalogue"

    def ready(self) -> None:
        from spindel.catalogue import post_actions, posts, reading
        from spindel.identity import countries
        from spindel.staff import stores

        countries.register(reading.countries)
        stores.register(stores.Known(posts.choices, posts.named, post_actions.give))
