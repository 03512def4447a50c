"""What a customer’s page fetches of several rooms."""

from django.urls import path

from spindel.commerce import panel_views as panels

urlpatterns = [
    path("carts/of/<id:id>/", panels.cart, name="cart-of"),
    path("carts/of/<id:id>/apart/", panels.take_cart_apart, name="cart-apart"),
    path("carts/of/<id:id>/change/", panels.change_cart, name="cart-change"),
    path("carts/of/<id:id>/goods/", panels.goods_for_cart, name="cart-goods"),
    path("carts/of/<id:id>/order/", panels.order_cart, name="cart-order"),
    path("carts/of/<id:id>/together/", panels.put_cart_together, name="cart-together"),
    path("orders/of/<id:id>/", panels.orders, name="orders-of"),
    path("orders/of/<id:id>/does/", panels.does, name="does-of"),
    path("orders/of/<id:id>/numbered/", panels.numbered, name="numbered"),
    path("orders/of/<id:id>/all/", panels.purchases, name="purchases"),
    path("orders/of/<id:id>/told/<uuid:fact>/", panels.purchase, name="purchase"),
    path("orders/of/<id:id>/told/<uuid:fact>/back/", panels.take_over, name="purchase-back"),
]
