"""What is sold, and where. Below /products/ and /places/."""

from django.urls import path

from spindel.catalogue import views

urlpatterns = [
    path("products/", views.products, name="products"),
    path("products/import/", views.import_file, name="products-import"),
    path("products/<int:id>/", views.product, name="product"),
    path("places/", views.places, name="places"),
    path("places/<int:id>/", views.place, name="place"),
]
