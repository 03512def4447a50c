"""The order book, and the page of an order for whoever has its link."""

from django.urls import path

from spindel.commerce.orders.views import cart_panel, order_list, order_page, panels, sales_settings
from spindel.commerce.orders.views import order as orders
from spindel.staff.permissions import public

urlpatterns = [
    # What a customer's page fetches.
    path("carts/of/<id:id>/", cart_panel.cart, name="cart-of"),
    path("carts/of/<id:id>/apart/", cart_panel.take_cart_apart, name="cart-apart"),
    path("carts/of/<id:id>/change/", cart_panel.change_cart, name="cart-change"),
    path("carts/of/<id:id>/codes/", cart_panel.change_codes, name="cart-codes"),
    path("carts/of/<id:id>/goods/", cart_panel.goods_for_cart, name="cart-goods"),
    path("carts/of/<id:id>/order/", cart_panel.order_cart, name="cart-order"),
    path("carts/of/<id:id>/together/", cart_panel.put_cart_together, name="cart-together"),
    path("orders/of/<id:id>/", panels.orders, name="orders-of"),
    path("orders/of/<id:id>/does/", panels.does, name="does-of"),
    path("orders/of/<id:id>/numbered/", panels.numbered, name="order-numbered"),
    path("orders/of/<id:id>/all/", panels.purchases, name="purchases"),
    path("orders/of/<id:id>/told/<uuid:fact>/", panels.purchase, name="purchase"),
    path("orders/of/<id:id>/told/<uuid:fact>/back/", panels.take_over, name="purchase-back"),
    path("orders/", order_list.orders, name="orders"),
    path("orders/export.csv", order_list.export, name="orders-export"),
    path("orders/saved/", order_list.save, name="orders-save"),
    path("orders/saved/<id:id>/drop/", order_list.drop, name="orders-drop"),
    path("orders/<id:id>/", orders.order, name="order"),
    path("orders/<id:id>/cancel/", orders.cancel, name="order-cancel"),
    path("orders/<id:id>/hand-over/", orders.hand_over, name="order-hand-over"),
    path("orders/<id:id>/link/", orders.send_link, name="order-link"),
    path("orders/<id:id>/parcels/<id:parcel>/arrive/", orders.arrive, name="order-arrive"),
    path("orders/<id:id>/ship/", orders.ship, name="order-ship"),
    path("settings/selling/", sales_settings.selling, name="selling"),
    path(
        "o/<str:code>/",
        public(order_page.page, "whoever has the link sees the order"),
        name="order-page",
    ),
    path(
        "o/<str:code>/cancel",
        public(order_page.cancel, "whoever has the link cancels what has not left"),
        name="order-page-cancel",
    ),
    path(
        "o/<str:code>/pay",
        public(order_page.pay, "whoever has the link pays"),
        name="order-page-pay",
    ),
    path(
        "o/<str:code>/receipt/",
        public(order_page.receipt, "whoever has the link sees the receipt"),
        name="order-page-receipt",
    ),
    path(
        "o/<str:code>/receipt.pdf",
        public(order_page.receipt_pdf, "the same, to print"),
        name="order-page-receipt-pdf",
    ),
]
