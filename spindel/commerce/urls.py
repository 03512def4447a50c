"""Stock, orders, and what is open for a customer."""

from django.urls import path

from spindel.commerce.views import promises, stock

urlpatterns = [
    path("promises/", promises.promises, name="promises"),
    path("promises/<int:id>/keep/", promises.keep, name="promise-keep"),
    path("promises/<int:id>/see/", promises.see, name="promise-see"),
    path("stock/products/<int:id>/", stock.of_product, name="product-stock"),
]
