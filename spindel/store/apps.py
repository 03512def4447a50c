from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "spindel.store"

    def ready(self) -> None:
        from spindel.identity import errands as known
        from spindel.store import errands

        known.register(errands.has_one)
