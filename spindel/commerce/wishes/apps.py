from django.apps import AppConfig


class WishesConfig(AppConfig):
    name = "spindel.commerce.wishes"

    def ready(self) -> None:
        from spindel.commerce.wishes import reading
        from spindel.shoppers import proved

        # Somebody else's wishes have not been the session's since they proved who they are.
        proved.register(proved.Belongings(reading.bring, lambda shopper: None))
