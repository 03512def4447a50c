from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "spindel.commerce.orders"

    def ready(self) -> None:
        from spindel.catalogue import near
        from spindel.commerce.common import recipients
        from spindel.commerce.orders import (
            actions,
            customer_orders,
            order_holds,
            payment_changes,
            product_sales,
        )
        from spindel.commerce.orders.placement import holds
        from spindel.commerce.payments import payable
        from spindel.commerce.stock import ordered
        from spindel.offers import sales
        from spindel.shoppers import proved

        payable.register(payment_changes.PAYABLE)
        ordered.register(
            ordered.Ordered(order_holds.holders, order_holds.orders, actions.not_found)
        )
        recipients.register(customer_orders.last_spoken)
        sales.register(product_sales.SOLD)
        near.register(customer_orders.last_store)
        proved.register(proved.Belongings(holds.come_along, holds.stay_behind))
