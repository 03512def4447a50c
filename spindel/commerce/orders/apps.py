from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "spindel.commerce.orders"

    def ready(self) -> None:
        from spindel.catalogue import near
        from spindel.commerce.common import addresses
        from spindel.commerce.orders import actions, held, of_customer, payments
        from spindel.commerce.orders.placement import holds
        from spindel.commerce.payments import payable
        from spindel.commerce.stock import ordered
        from spindel.shoppers import proved

        payable.register(payments.PAYABLE)
        ordered.register(ordered.Ordered(held.holders, held.orders, actions.not_found))
        addresses.register(of_customer.last_spoken)
        near.register(of_customer.last_store)
        proved.register(proved.Belongings(holds.come_along, holds.stay_behind))
