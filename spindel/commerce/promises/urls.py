"""Promises of a customer's."""

from django.urls import path

from spindel.commerce.promises import views

urlpatterns = [
    path("promises/of/<id:id>/", views.of_customer, name="promises-of"),
    path("promises/of/<id:id>/new/", views.new, name="promise-new"),
    path("promises/of/<id:id>/<id:promise>/withdraw/", views.withdraw, name="promise-withdraw"),
]
