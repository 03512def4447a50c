from django.apps import AppConfig


class CartsConfig(AppConfig):
    name = "spindel.commerce.carts"

    def ready(self) -> None:
        from spindel.commerce.carts import actions, session_actions
        from spindel.identity import settled
        from spindel.shoppers import proved

        settled.register(actions.settle)
        proved.register(proved.Belongings(session_actions.bring, session_actions.leave))
