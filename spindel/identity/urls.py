"""Finding customers, a customer's page, and putting right who is who. Below /customers/."""

from django.urls import include, path

from spindel.identity import views

_pages = [
    path("", views.find, name="customers"),
    path("found/", views.found, name="customers-found"),
    path("<int:id>/", views.customer, name="customer"),
    path("<int:id>/who/", views.who, name="customer-who"),
    path("<int:id>/changes/", views.changes, name="customer-changes"),
    path("<int:id>/lookers/", views.lookers, name="customer-lookers"),
    path("<int:id>/timeline/", views.timeline, name="customer-timeline"),
    path("<int:id>/facts/<uuid:fact>/", views.fact, name="customer-fact"),
    path("<int:id>/correct/", views.correct, name="customer-correct"),
    path("<int:id>/note/", views.note, name="customer-note"),
    path("<int:id>/serve/", views.serve, name="customer-serve"),
    path("<int:id>/merge/", views.merge, name="customer-merge"),
    path("<int:id>/merge/found/", views.merge_found, name="customer-merge-found"),
    path("<int:id>/merge/<int:other>/", views.merge_with, name="customer-merge-with"),
    path("<int:id>/split/", views.split, name="customer-split"),
    path("<int:id>/undo/<int:link>/", views.undo, name="customer-undo"),
]

urlpatterns = [path("customers/", include(_pages))]
