"""Stock, orders, and what is open for a customer."""

from django.urls import path

from spindel.commerce.views import keeping, orders, panels, policy, promises, shelves, stock

urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:id>/", orders.order, name="order"),
    path("orders/<int:id>/cancel/", orders.cancel, name="order-cancel"),
    path("orders/<int:id>/hand-over/", orders.hand_over, name="order-hand-over"),
    path("orders/<int:id>/link/", orders.send_link, name="order-link"),
    path("orders/<int:id>/parcels/<int:parcel>/arrive/", orders.arrive, name="order-arrive"),
    path("orders/<int:id>/ship/", orders.ship, name="order-ship"),
    path("promises/", promises.promises, name="promises"),
    path("promises/<int:id>/keep/", promises.keep, name="promise-keep"),
    path("promises/<int:id>/see/", promises.see, name="promise-see"),
    path("returns/policy/", policy.policy, name="return-policy"),
    path("returns/policy/drop/", policy.drop, name="return-policy-drop"),
    path("returns/policy/keep/", policy.keep, name="return-policy-keep"),
    path("stock/", shelves.running_low, name="stock"),
    path("stock/levels/<int:variant>/<int:place>/", shelves.level, name="level"),
    path("stock/levels/<int:variant>/<int:place>/count/", shelves.count, name="level-count"),
    path("stock/products/<int:id>/", stock.of_product, name="product-stock"),
    # What a customer's page and a place's page fetch.
    path("carts/of/<int:id>/", panels.cart, name="cart-of"),
    path("carts/of/<int:id>/change/", panels.change_cart, name="cart-change"),
    path("carts/of/<int:id>/goods/", panels.goods_for_cart, name="cart-goods"),
    path("carts/of/<int:id>/order/", panels.order_cart, name="cart-order"),
    path("holds/at/<int:id>/", shelves.kept_at, name="held-at"),
    path("holds/of/<int:id>/", keeping.kept, name="holds-of"),
    path("holds/of/<int:id>/find/", keeping.find, name="hold-find"),
    path("holds/of/<int:id>/reserve/", keeping.reserve, name="hold-reserve"),
    path("holds/of/<int:id>/<int:hold>/extend/", keeping.extend, name="hold-extend"),
    path("holds/of/<int:id>/<int:hold>/move/", keeping.move, name="hold-move"),
    path("holds/of/<int:id>/<int:hold>/release/", keeping.release, name="hold-release"),
    path("holds/of/<int:id>/<int:hold>/stores/", keeping.move_to, name="hold-stores"),
    path("orders/of/<int:id>/", panels.orders, name="orders-of"),
]
