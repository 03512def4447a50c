"""Finding customers, a customer's page, and putting right who is who. Below /customers/."""

from django.urls import include, path

from spindel.identity import views

_pages = [
    path("", views.find, name="customers"),
    path("found/", views.found, name="customers-found"),
    path("<id:id>/", views.customer, name="customer"),
    path("<id:id>/who/", views.who, name="customer-who"),
    path("<id:id>/changes/", views.changes, name="customer-changes"),
    path("<id:id>/lookers/", views.lookers, name="customer-lookers"),
    path("<id:id>/timeline/", views.timeline, name="customer-timeline"),
    path("<id:id>/facts/<uuid:fact>/", views.fact, name="customer-fact"),
    path("<id:id>/correct/", views.correct, name="customer-correct"),
    path("<id:id>/note/", views.note, name="customer-note"),
    path("<id:id>/serve/", views.serve, name="customer-serve"),
    path("<id:id>/merge/", views.merge, name="customer-merge"),
    path("<id:id>/merge/found/", views.merge_found, name="customer-merge-found"),
    path("<id:id>/merge/<id:other>/", views.merge_with, name="customer-merge-with"),
    path("<id:id>/split/", views.split, name="customer-split"),
    path("<id:id>/undo/<id:link>/", views.undo, name="customer-undo"),
]

urlpatterns = [path("customers/", include(_pages))]
