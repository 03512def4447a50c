"""What comes back, and how it is started from home."""

from django.urls import path

from spindel.commerce.returns.views import page as return_page
from spindel.commerce.returns.views import policy, sent_back
from spindel.staff.permissions import public

urlpatterns = [
    path("orders/<id:id>/back/", sent_back.take_in, name="order-back"),
    path("returns/policy/", policy.policy, name="return-policy"),
    path("returns/policy/drop/", policy.drop, name="return-policy-drop"),
    path("returns/policy/keep/", policy.keep, name="return-policy-keep"),
    path(
        "o/<str:code>/back/",
        public(return_page.page, "whoever has the link sees what comes back"),
        name="order-page-back",
    ),
    path(
        "o/<str:code>/back/start",
        public(return_page.start, "whoever has the link starts a return"),
        name="order-page-back-start",
    ),
    path(
        "o/<str:code>/back/off",
        public(return_page.call_off, "whoever has the link calls it off"),
        name="order-page-back-off",
    ),
    path(
        "o/<str:code>/back/<str:number>.pdf",
        public(return_page.label, "the label, to print"),
        name="order-page-label",
    ),
]
