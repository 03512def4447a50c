"""Commerce for machines: stock, the shop's side of carts and orders, and the order book."""
