from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "spindel.commerce"

    def ready(self) -> None:
        from spindel.commerce.actions import carts
        from spindel.commerce.reading import errands
        from spindel.identity import errands as known
        from spindel.identity import settled

        settled.register(carts.settle)
        known.register(errands.has_one)
