"""Stock. Below /stock/."""

from django.urls import path

from spindel.commerce import views

urlpatterns = [
    path("products/<int:id>/", views.of_product, name="product-stock"),
]
