from django.apps import AppConfig


class CartsConfig(AppConfig):
    name = "spindel.commerce.carts"

    def ready(self) -> None:
        from spindel.commerce.carts import actions, reading, session_actions
        from spindel.identity import settled
        from spindel.offers import shown
        from spindel.shoppers import proved

        shown.register("carts", reading.SHOWN_AN_OFFER)
        settled.register(actions.settle)
        proved.register(proved.Belongings(session_actions.bring, session_actions.leave))
