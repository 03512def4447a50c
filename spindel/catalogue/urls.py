"""What is sold, and where. Below /products/ and /places/."""

from django.urls import path

from spindel.catalogue import edit_views, views

urlpatterns = [
    path("products/", views.products, name="products"),
    path("products/import/", views.import_file, name="products-import"),
    path("products/new/", edit_views.new, name="product-new"),
    path("products/<id:id>/", views.product, name="product"),
    path("products/<id:id>/edit/", edit_views.edit, name="product-edit"),
    path("products/<id:id>/undo/<id:edit>/", edit_views.undo, name="product-undo"),
    path("products/<id:id>/give-back/", edit_views.give_back, name="product-give-back"),
    path("places/", views.places, name="places"),
    path("places/<id:id>/", views.place, name="place"),
]
