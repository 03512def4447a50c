from spindel.commerce.api import carts, orders, quotes, returns, shop, stock
from spindel.staff.api import Routes

ROUTES = (
    Routes(
        "/shop",
        shop.router,
        "Shop",
        "For the shop’s own pages: what one shopper sees and does, by their session’s key.",
        rank=-1,  # it is asked most, and addresses are tried in turn
    ),
    Routes(
        "/stock",
        stock.router,
        "Stock",
        "How much is where, what is reserved, and what came and went.",
    ),
    Routes(
        "/carts",
        carts.router,
        "Carts",
        "A customer’s cart, as people in customer service change it.",
    ),
    Routes(
        "/orders",
        orders.router,
        "Orders",
        "Orders of every channel: place, send, hand over and cancel them.",
    ),
    Routes("/quotes", quotes.router, "Quotes", "Offers to one customer at a price of their own."),
    Routes(
        "/returns",
        returns.router,
        "Returns",
        "What comes back, what is exchanged, and the rules for it.",
    ),
)
