from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "spindel.commerce.returns"

    def ready(self) -> None:
        from django.urls import reverse

        from spindel.commerce.orders import returning

        returning.register(
            returning.Returning(
                desk=lambda order: reverse("order-back", args=[order]),
                page=lambda code: reverse("order-page-back", args=[code]),
                policy=lambda: reverse("return-policy"),
            )
        )
