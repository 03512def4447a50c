"""Stock, orders, and what is open for a customer."""

from django.urls import path

from spindel.commerce.views import stock

urlpatterns = [
    path("stock/products/<int:id>/", stock.of_product, name="product-stock"),
]
