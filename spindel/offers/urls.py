"""Offers: below /offers/, and two pages beside that, as each name below it may be an offer; and
what delivery costs.
"""

from django.urls import path

from spindel.offers import code_views, delivery_views, edit_views, preview_views, views

urlpatterns = [
    path("delivery/fees/", delivery_views.fees, name="delivery-fees"),
    path("delivery/fees/keep/", delivery_views.keep_fee, name="delivery-fee-keep"),
    path("delivery/fees/drop/", delivery_views.drop_fee, name="delivery-fee-drop"),
    path("offers/", views.offers, name="offers"),
    path("offers-calendar/", views.weeks, name="offer-calendar"),
    path("offers-new/", edit_views.new, name="offer-new"),
    path("offers/<slug:key>/", views.offer, name="offer"),
    path("offers/<slug:key>/state/", views.set_state, name="offer-state"),
    path("offers/<slug:key>/edit/", edit_views.edit, name="offer-edit"),
    path("offers/<slug:key>/back/", edit_views.go_back, name="offer-back"),
    path("offers/<slug:key>/preview/", preview_views.page, name="offer-preview"),
    path("offers/<slug:key>/codes/", code_views.add, name="offer-code"),
    path("offers/<slug:key>/codes/make/", code_views.make, name="offer-codes"),
    path("offers/<slug:key>/codes/revoke/", code_views.revoke, name="offer-code-revoke"),
]
