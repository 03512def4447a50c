from django.apps import AppConfig


class CartsConfig(AppConfig):
    name = "spindel.commerce.carts"

    def ready(self) -> None:
        from spindel.commerce.carts import actions
        from spindel.identity import settled

        settled.register(actions.settle)
