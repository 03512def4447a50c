"""Quotes, and the page of one for whoever has its link."""

from django.urls import path

from spindel.commerce.quotes.views import builder as quote_builder
from spindel.commerce.quotes.views import page as quote_page
from spindel.commerce.quotes.views import quotes
from spindel.staff.permissions import public

urlpatterns = [
    path("quotes/", quotes.quotes_list, name="quotes"),
    path("quotes/<id:id>/", quotes.quote, name="quote"),
    path("quotes/<id:id>/edit/", quote_builder.edit, name="quote-edit"),
    path("quotes/<id:id>/preview/", quotes.preview, name="quote-preview"),
    path("quotes/<id:id>/send/", quotes.send, name="quote-send"),
    path("quotes/<id:id>/withdraw/", quotes.withdraw, name="quote-withdraw"),
    path("quotes/goods/", quote_builder.goods, name="quote-goods"),
    path("quotes/new/", quote_builder.new, name="quote-new"),
    path("quotes/of/<id:id>/", quotes.of_customer, name="quotes-of"),
    path("quotes/of/<id:id>/numbered/", quotes.numbered, name="quote-numbered"),
    path(
        "q/<str:code>/",
        public(quote_page.page, "whoever has the link sees the quote"),
        name="quote-page",
    ),
    path(
        "q/<str:code>/accept",
        public(quote_page.accept, "whoever has the link accepts it"),
        name="quote-page-accept",
    ),
]
