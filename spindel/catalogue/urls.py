"""What is sold, and where. Below /products/ and /places/."""

from django.urls import path

from spindel.catalogue import edit_views, views

urlpatterns = [
    path("products/", views.products, name="products"),
    path("products/import/", views.import_file, name="products-import"),
    path("products/new/", edit_views.new, name="product-new"),
    path("products/<int:id>/", views.product, name="product"),
    path("products/<int:id>/edit/", edit_views.edit, name="product-edit"),
    path("products/<int:id>/undo/<int:edit>/", edit_views.undo, name="product-undo"),
    path("products/<int:id>/give-back/", edit_views.give_back, name="product-give-back"),
    path("places/", views.places, name="places"),
    path("places/<int:id>/", views.place, name="place"),
]
