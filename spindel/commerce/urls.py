"""Stock. Below /stock/."""

from django.urls import path

from spindel.commerce.views import stock

urlpatterns = [
    path("products/<int:id>/", stock.of_product, name="product-stock"),
]
