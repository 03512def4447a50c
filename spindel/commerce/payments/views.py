"""What providers tell by themselves. They show by a signature who they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from spindel.commerce.payments import providers
from spindel.commerce.payments.actions import hear

_LARGEST = 256 * 1024


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Take in what Stripe tells. It is answered when it is kept; else Stripe tells it again."""
    if _is_too_large(request):
        return HttpResponse(status=413)
    card = providers.named("card")
    try:
        heard = card.hear(request.body, request.headers.get("Stripe-Signature", ""))
    except providers.NotTrue:
        return _plain(400, "This is not signed by Stripe, or can't be read.\n")
    hear(card.name, heard)
    return _plain(200, "Kept.\n")


def _is_too_large(request: HttpRequest) -> bool:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST
    except ValueError:
        return True


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
