"""Offers. Below /offers/."""

from django.urls import path

from spindel.offers import edit_views, preview_views, views

urlpatterns = [
    path("offers/", views.offers, name="offers"),
    path("offers-new/", edit_views.new, name="offer-new"),
    path("offers/<slug:key>/", views.offer, name="offer"),
    path("offers/<slug:key>/state/", views.set_state, name="offer-state"),
    path("offers/<slug:key>/edit/", edit_views.edit, name="offer-edit"),
    path("offers/<slug:key>/back/", edit_views.go_back, name="offer-back"),
    path("offers/<slug:key>/preview/", preview_views.page, name="offer-preview"),
]
