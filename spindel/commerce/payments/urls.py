"""What payment providers tell by themselves, and gift cards."""

from django.urls import path

from spindel.commerce.payments import gift_card_views
from spindel.commerce.payments import views as payments
from spindel.staff.permissions import public

urlpatterns = [
    path("gift-cards/", gift_card_views.gift_cards, name="gift-cards"),
    path("gift-cards/make/", gift_card_views.make, name="gift-cards-make"),
    path("webhooks/stripe", public(payments.stripe, "what Stripe tells, which is signed")),
]
