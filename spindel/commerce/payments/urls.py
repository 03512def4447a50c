"""What payment providers tell by themselves."""

from django.urls import path

from spindel.commerce.payments import views as payments
from spindel.staff.permissions import public

urlpatterns = [
    path("webhooks/stripe", public(payments.stripe, "what Stripe tells, which is signed")),
]
