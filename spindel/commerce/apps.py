from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "spindel.commerce"

    def ready(self) -> None:
        from spindel.catalogue import availability
        from spindel.commerce import order_payments
        from spindel.commerce.actions import carts, posts
        from spindel.commerce.payments import payable
        from spindel.commerce.reading import errands, hers, stock
        from spindel.commerce.reading import posts as reading
        from spindel.identity import errands as known
        from spindel.identity import naming, settled
        from spindel.staff import stores

        availability.register(stock.AVAILABLE)
        payable.register(order_payments.PAYABLE)
        settled.register(carts.settle)
        known.register(errands.has_one)
        naming.register(hers.names)
        stores.register(stores.Known(reading.choices, reading.named, posts.give))
