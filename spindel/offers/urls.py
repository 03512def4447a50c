"""Offers, and what delivery costs."""

from django.urls import path

from spindel.offers import delivery_views, views

urlpatterns = [
    path("delivery/fees/", delivery_views.fees, name="delivery-fees"),
    path("delivery/fees/keep/", delivery_views.keep_fee, name="delivery-fee-keep"),
    path("delivery/fees/drop/", delivery_views.drop_fee, name="delivery-fee-drop"),
    path("offers/", views.offers, name="offers"),
    path("offers/<slug:key>/", views.offer, name="offer"),
    path("offers/<slug:key>/state/", views.set_state, name="offer-state"),
]
