"""The tables of commerce, by what they are about."""

from spindel.commerce.models.carts import Cart, CartLine, LoginLink, Shopper, Wish
from spindel.commerce.models.merges import CartMerge
from spindel.commerce.models.notices import Notice
from spindel.commerce.models.orders import (
    Fulfilment,
    Order,
    OrderEvent,
    OrderLine,
    OrderLineAdjustment,
    Shipment,
    ShipmentLine,
)
from spindel.commerce.models.payments import (
    Payment,
    PaymentCommand,
    PaymentDispute,
    PaymentEvent,
)
from spindel.commerce.models.posts import Post
from spindel.commerce.models.quotes import Quote, QuoteLine
from spindel.commerce.models.returns import (
    Return,
    ReturnLine,
    ReturnPolicy,
    ReturnRequest,
    ReturnRequestLine,
)
from spindel.commerce.models.saved import SavedView
from spindel.commerce.models.stock import (
    Hold,
    Level,
    Movement,
    Promise,
    StockCheck,
    StockCursor,
    StockEvent,
)

__all__ = [
    "Cart",
    "CartLine",
    "CartMerge",
    "Fulfilment",
    "Hold",
    "Level",
    "LoginLink",
    "Movement",
    "Notice",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderLineAdjustment",
    "Payment",
    "PaymentCommand",
    "PaymentDispute",
    "PaymentEvent",
    "Post",
    "Promise",
    "Quote",
    "QuoteLine",
    "Return",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnRequest",
    "ReturnRequestLine",
    "SavedView",
    "Shipment",
    "ShipmentLine",
    "Shopper",
    "StockCheck",
    "StockCursor",
    "StockEvent",
    "Wish",
]
