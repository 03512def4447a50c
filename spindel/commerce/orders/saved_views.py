"""Lists of orders that people here save under a name."""

from __future__ import annotations

from spindel.commerce.orders.models import SavedView
from spindel.kit import idempotency, texts
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.staff.models import Role, User

MOST = 30  # of one person
_NOBODYS = "Which lists somebody here looks at is no customer’s."


@action(silent=_NOBODYS)
def save_view(user: User, name: str, query: str, *, shared: bool) -> SavedView:
    """Save the filter under the name, in place of one of theirs with that name. Raises Refusal."""
    name = texts.line(name, 60)
    if not name:
        raise Refusal("no_list_name")
    if len(query) > 600:
        raise Refusal("list_too_long")
    # Two at once may not be one too many.
    idempotency.lock(idempotency.key("saved views", str(user.pk)))
    if SavedView.objects.filter(user=user).exclude(name=name).count() >= MOST:
        raise Refusal("lists_full")
    saved, _made = SavedView.objects.update_or_create(
        user=user, name=name, defaults={"query": query, "shared": shared}
    )
    return saved


@action(silent=_NOBODYS)
def drop_view(user: User, id: int) -> None:
    """Remove one of theirs; an administrator, anybody's that is shared. Another: nothing."""
    mine = SavedView.objects.filter(pk=id)
    if user.role == Role.ADMIN:
        mine.filter(shared=True).delete()
    mine.filter(user=user).delete()
