"""Offers. Below /offers/."""

from django.urls import path

from spindel.offers import views

urlpatterns = [
    path("offers/", views.offers, name="offers"),
    path("offers/<slug:key>/", views.offer, name="offer"),
    path("offers/<slug:key>/state/", views.set_state, name="offer-state"),
]
