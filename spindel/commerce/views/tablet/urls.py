"""The store tablet. Below /store/."""

from django.urls import path, register_converter

from spindel.commerce import numbers
from spindel.commerce.views.tablet import (
    backs,
    counting,
    desk,
    finding,
    goods,
    keeping,
    kept,
    orders,
    people,
    sale,
    today,
)

register_converter(numbers.InAddress, "number")

urlpatterns = [
    path("", today.today, name="store"),
    path("list/", today.todays_list, name="store-list"),
    path("promises/<int:id>/seen/", today.seen, name="store-promise-seen"),
    path("promises/<int:id>/next/", today.keep_next, name="store-promise-next"),
    path("choose/", desk.choose, name="store-choose"),
    path("find/", finding.find, name="store-find"),
    path("scan/", finding.scan, name="store-scan"),
    path("products/<int:id>/", goods.product, name="store-product"),
    path("reserve/", goods.reserve, name="store-reserve"),
    path("sell/", goods.sell, name="store-sell"),
    path("count/", counting.count, name="store-count"),
    path("count/undo/", counting.uncount, name="store-uncount"),
    path("into-cart/", goods.into_cart, name="store-into-cart"),
    path("sale/", sale.sale, name="store-sale"),
    path("sale/change/", sale.change, name="store-sale-change"),
    path("sale/empty/", sale.empty, name="store-sale-empty"),
    path("sale/pay/", sale.pay, name="store-sale-pay"),
    path("customers/", finding.people, name="store-people"),
    path("customers/new/", finding.new_customer, name="store-customer-new"),
    path("customers/done/", people.done, name="store-done"),
    path("customers/<int:id>/", people.customer, name="store-customer"),
    path("customers/<int:id>/open/", people.customer_open, name="store-customer-open"),
    path("customers/<int:id>/cart/", people.change_cart, name="store-cart-change"),
    path("customers/<int:id>/cart/sell/", people.sell_cart, name="store-cart-sell"),
    path("customers/<int:id>/cart/order/", people.order_cart, name="store-cart-order"),
    path("holds/<str:code>/", kept.held, name="store-hold"),
    path("holds/<int:id>/aside/", keeping.set_aside, name="store-hold-aside"),
    path("holds/<int:id>/release/", keeping.release, name="store-hold-release"),
    path("holds/<int:id>/hand-over/", keeping.hand_over, name="store-hold-hand-over"),
    path("holds/<int:id>/not-found/", keeping.not_found, name="store-hold-not-found"),
    path("holds/<int:id>/missing/", keeping.missing, name="store-hold-missing"),
    path("holds/<int:id>/instead/", keeping.instead, name="store-hold-instead"),
    path("orders/<number:number>/", orders.order, name="store-order"),
    path("orders/<number:number>/receipt.pdf", orders.receipt, name="store-order-receipt"),
    path("orders/<number:number>/mail/", orders.mail_receipt, name="store-order-mail"),
    path("orders/<number:number>/hand-over/", orders.hand_over, name="store-order-hand-over"),
    path("orders/<number:number>/send/", orders.send, name="store-order-send"),
    path("orders/<number:number>/claim/", orders.claim, name="store-order-claim"),
    path("orders/<number:number>/return/", backs.give_back, name="store-return"),
    path("returns/", backs.find, name="store-returns"),
    path("returns/<number:number>/", backs.returned, name="store-returned"),
]
