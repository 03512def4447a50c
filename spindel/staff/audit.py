"""The audit log: who saw and did what, to which customer.

Entries are added and read, and dropped when they are old; a trigger refuses all else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from spindel.kit import pagination, sql
from spindel.kit.pagination import Page
from spindel.staff.models import ApiToken, AuditEntry, User

# Somebody who goes on looking at the same customer looks once.
SAME_LOOK = timedelta(minutes=10)

_NOTE = """
INSERT INTO staff_auditentry (user_id, by, did, customers, detail) VALUES (%s, %s, %s, %s, %s)
"""

# Two requests at the same moment may both add an entry: one too many is no harm, one too few is.
_NOTE_LOOK = """
INSERT INTO staff_auditentry (user_id, by, did, customers, detail)
SELECT %(user)s, %(by)s, %(did)s, ARRAY[%(customer)s::bigint], '{}'
WHERE NOT EXISTS (
    SELECT 1 FROM staff_auditentry
    WHERE by = %(by)s AND did = %(did)s AND customers[1] = %(customer)s AND at > now() - %(same)s
      AND cardinality(customers) = 1
)
"""

# Of customers who are found while one types, the later are mostly among the earlier.
_NOTE_SHOWN = """
INSERT INTO staff_auditentry (user_id, by, did, customers, detail)
SELECT %(user)s, %(by)s, %(did)s, %(customers)s::bigint[], '{}'
WHERE NOT EXISTS (
    SELECT 1 FROM staff_auditentry
    WHERE did = %(did)s AND at > now() - %(same)s AND by = %(by)s
      AND customers @> %(customers)s::bigint[]
)
"""


def note(
    by: User | str,
    did: str,
    customers: Collection[int] = (),
    detail: Mapping[str, object] | None = None,
) -> None:
    """Put on record what somebody did: `did` is *object.verb*, such as `customer.merged`.

    `by` is a person, her address, or a text for a machine. `detail` holds no value of a
    customer's. Within an action the entry stands or falls with it.
    """
    if isinstance(by, User):
        user: int | None = by.pk
    else:
        user = User.objects.filter(email=by).values_list("pk", flat=True).first()
    sql.run(_NOTE, [user, _name(by), did, sorted(customers), json.dumps(dict(detail or {}))])


def note_look(by: User | str, did: str, customer: int) -> None:
    """Put on record that somebody was shown a customer, once in ten minutes."""
    user = by.pk if isinstance(by, User) else None
    words = {"user": user, "by": _name(by), "did": did, "customer": customer, "same": SAME_LOOK}
    sql.run(_NOTE_LOOK, words)


def note_shown(by: User | str, did: str, customers: Collection[int] = ()) -> None:
    """Put on record a list that somebody was shown, unless one of the last ten minutes holds it."""
    words = {
        "user": by.pk if isinstance(by, User) else None,
        "by": _name(by),
        "did": did,
        "customers": sorted(customers),
        "same": SAME_LOOK,
    }
    sql.run(_NOTE_SHOWN, words)


def _name(by: User | str) -> str:
    return by.email if isinstance(by, User) else by[:254]


def was_shown(user: User, customers: Collection[int], within: timedelta) -> bool:
    """Whether a search of hers has shown one of the customers within the time."""
    return AuditEntry.objects.filter(
        user=user,
        did="customers.searched",
        at__gt=datetime.now(UTC) - within,
        customers__overlap=list(customers),
    ).exists()


_DROP = "DELETE FROM staff_auditentry WHERE at < now() - make_interval(days => %s)"
_LEAST_DAYS = 366


def drop_older_than(days: int) -> int:
    """Drop old entries; how many. Raises ValueError below a year, which the trigger refuses."""
    if days < _LEAST_DAYS:
        raise ValueError(f"The audit log is kept for at least {_LEAST_DAYS} days.")
    return sql.run(_DROP, [days])


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for in the log; what is empty matters not. `until` is not included."""

    person: str = ""
    did: str = ""
    customers: Collection[int] | None = None
    since: datetime | None = None
    until: datetime | None = None


def find(question: Question) -> QuerySet[AuditEntry]:
    """The entries that answer the question, newest first."""
    found = AuditEntry.objects.select_related("user").order_by("-at", "-id")
    if question.person:
        found = found.filter(_by(question.person))
    if question.did:
        found = found.filter(did=question.did)
    if question.customers is not None:
        found = found.filter(customers__overlap=list(question.customers))
    if question.since:
        found = found.filter(at__gte=question.since)
    if question.until:
        found = found.filter(at__lt=question.until)
    return found


def _by(person: str) -> Q:
    """Entries of people who are called so, or of machines whose token is."""
    people = User.objects.filter(Q(name__icontains=person) | Q(email__icontains=person))
    tokens = ApiToken.objects.filter(name__icontains=person).values_list("name", flat=True)
    names = [f"API: {name}" for name in tokens[:1000]]
    return Q(user__in=list(people.values_list("pk", flat=True)[:1000])) | Q(
        user=None, by__in=[person, *names]
    )


def page(question: Question, limit: int = 50, before: str = "") -> Page[AuditEntry]:
    """The newest entries that answer the question. Raises BadCursor."""
    found = pagination.older(find(question), "at", pagination.position(before))
    return pagination.page(
        found[: limit + 1], limit, lambda entry: pagination.cursor(entry.at, entry.pk)
    )


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who has looked at a customer: how often, and when last."""

    by: str
    times: int
    last_at: datetime


_LOOKERS = """
SELECT coalesce(nullif(u.name, ''), u.email, looks.by), sum(looks.times), max(looks.last_at)
FROM (
    SELECT user_id, by, count(*) AS times, max(at) AS last_at FROM staff_auditentry
    WHERE customers && %(customers)s::bigint[] AND did = ANY(%(looks)s)
    GROUP BY user_id, by
) looks LEFT JOIN staff_user u ON u.id = looks.user_id
GROUP BY looks.user_id, 1 ORDER BY 3 DESC LIMIT %(limit)s
"""

_LOOKS = ["customer.seen", "customer.message_seen", "customer.read"]


def lookers(customers: Collection[int], limit: int = 10) -> list[Looker]:
    """Who has looked at the customer, whose ids these are; the last first."""
    words = {"customers": list(customers), "looks": _LOOKS, "limit": limit}
    return [Looker(by, int(times), last) for by, times, last in sql.rows(_LOOKERS, words)]


# --- in words -------------------------------------------------------------------------------------

# What can be on record. `%(who)s` is who did it, `%(whom)s` which customers, `%(what)s` a token, a
# source or a colleague by name.
SENTENCES = {
    "customer.seen": _("%(who)s looked at %(whom)s"),
    "customer.message_seen": _("%(who)s read a message of %(whom)s"),
    "customer.read": _("%(who)s read %(whom)s"),
    "customer.lookers_seen": _("%(who)s saw who has looked at %(whom)s"),
    "customers.searched": _("%(who)s searched, and was shown %(whom)s"),
    "customers.listed": _("%(who)s was shown %(whom)s, seen last"),
    "orders.listed": _("%(who)s was shown orders of %(whom)s"),
    "order.seen": _("%(who)s looked at an order of %(whom)s"),
    "order.page_seen": _("%(who)s opened the customer’s own page of an order of %(whom)s"),
    "quote.page_seen": _("%(who)s opened the customer’s own page of a quote for %(whom)s"),
    "quotes.listed": _("%(who)s was shown quotes for %(whom)s"),
    "quote.seen": _("%(who)s looked at a quote for %(whom)s"),
    "promises.listed": _("%(who)s was shown promises made to %(whom)s"),
    "start.listed": _("%(who)s was shown %(whom)s as waiting for something"),
    "mails.listed": _("%(who)s was shown mail to %(whom)s that was given up"),
    "holds.listed": _("%(who)s was shown what is kept in a store for %(whom)s"),
    "customers.watched": _("%(who)s watched the live page"),
    "customer.merge_previewed": _("%(who)s saw what merging %(whom)s would make"),
    "customer.merged": _("%(who)s merged %(whom)s"),
    "customer.merge_undone": _("%(who)s took apart %(whom)s"),
    "customer.split_previewed": _("%(who)s saw what splitting %(whom)s would make"),
    "customer.split": _("%(who)s split %(whom)s"),
    "customer.corrected": _("%(who)s corrected what is known of %(whom)s"),
    "customer.noted": _("%(who)s wrote a note about %(whom)s"),
    "account.logged_in": _("%(who)s logged in"),
    "account.login_failed": _("Somebody failed to log in as %(who)s"),
    "account.login_unknown": _("Somebody failed to log in as nobody who works here"),
    "account.locked": _("Somebody tried too often to log in"),
    "account.password_set": _("%(who)s set a password"),
    "account.password_changed": _("%(who)s changed the password"),
    "account.two_step_added": _("%(who)s added a way to log in in two steps"),
    "account.two_step_removed": _("%(who)s removed a way to log in in two steps"),
    "account.codes_renewed": _("%(who)s made new recovery codes"),
    "person.invited": _("%(who)s invited %(what)s"),
    "person.admitted": _("%(who)s came in by the company's login"),
    "person.link_made": _("%(who)s made a link to set a password for %(what)s"),
    "person.role_changed": _("%(who)s gave %(what)s another role"),
    "person.store_changed": _("%(who)s gave %(what)s another store"),
    "person.helps_out": _("%(who)s works in another store for the day: %(what)s"),
    "person.closed": _("%(who)s closed the account of %(what)s"),
    "person.opened": _("%(who)s opened the account of %(what)s again"),
    "person.two_step_reset": _("%(who)s took away the two-step login of %(what)s"),
    "token.created": _("%(who)s made the API token %(what)s"),
    "token.revoked": _("%(who)s revoked the API token %(what)s"),
    "source.watched": _("%(who)s watched the messages of a source"),
    "source.created": _("%(who)s connected the source %(what)s"),
    "source.changed": _("%(who)s changed the source %(what)s"),
    "source.archived": _("%(who)s archived the source %(what)s"),
    "source.restored": _("%(who)s let the source %(what)s send again"),
    "key.made": _("%(who)s made a write key for the source %(what)s"),
    "key.rotated": _("%(who)s rotated a write key of the source %(what)s"),
    "key.revoked": _("%(who)s revoked a write key of the source %(what)s"),
    "key.restored": _("%(who)s made a revoked write key of the source %(what)s good again"),
    "plan.kept": _("%(who)s gave the source %(what)s a tracking plan"),
    "plan.extended": _("%(who)s took more into the tracking plan of the source %(what)s"),
    "plan.changed": _("%(who)s changed the tracking plan of the source %(what)s"),
    "plan.removed": _("%(who)s removed the tracking plan of the source %(what)s"),
    "plan.undone": _("%(who)s undid a change to the tracking plan of the source %(what)s"),
    "rejects.replayed": _("%(who)s sent what the source %(what)s had turned away again"),
    "product.changed": _("%(who)s changed the product %(what)s"),
    "product.undone": _("%(who)s undid a change to the product %(what)s"),
    "product.given_back": _("%(who)s left a part of the product %(what)s to its feed again"),
    "catalogue.imported": _("%(who)s took in the file %(what)s of products"),
    "offer.changed": _("%(who)s changed the offer %(what)s"),
    "offer.code_added": _("%(who)s gave the offer %(what)s a code"),
    "offer.code_revoked": _("%(who)s revoked a code of the offer %(what)s"),
    "offer.codes_revoked": _("%(who)s revoked the codes for one use each of the offer %(what)s"),
    "feed.compared": _("%(who)s compared a feed of somebody else’s with our answers: %(what)s"),
    "differences.listed": _("%(who)s looked at what channels answer otherwise"),
    "list.made": _("%(who)s made the list of customers %(what)s"),
    "offer.codes_made": _("%(who)s made codes for the offer %(what)s"),
    "offer.live": _("%(who)s had the offer %(what)s given"),
    "offer.paused": _("%(who)s paused the offer %(what)s"),
    "gift_card.made": _("%(who)s made gift cards"),
    "delivery.fees_changed": _("%(who)s changed what delivery costs"),
    "offer.ended": _("%(who)s ended the offer %(what)s"),
    "club.terms_changed": _("%(who)s changed how the club works"),
    "club.imported": _("%(who)s took in the file %(what)s of members"),
    "club.corrected": _("%(who)s put the club points of %(whom)s right"),
    "customer.export": _("%(who)s asked for all that is held about %(whom)s"),
    "export.fetched": _("%(who)s fetched what is held about %(whom)s"),
    "customer.forget": _("%(who)s asked to forget %(whom)s"),
    "customer.forgotten": _("%(whom)s was forgotten, as %(who)s had asked"),
    "erasure.searched": _("%(who)s looked for certificates of forgetting"),
    "erasure.let_in": _("%(who)s let somebody who was forgotten be known again"),
    "return.overruled": _("%(who)s took back what the policy for returns says no to: %(what)s"),
    "orders.exported": _("%(who)s exported the list of orders"),
    "order.receipt_mailed": _("%(who)s mailed the receipt of %(what)s"),
    "return.policy_changed": _("%(who)s changed the policy for returns: %(what)s"),
    "retention.changed": _("%(who)s changed how long is kept: %(what)s"),
    "audit.seen": _("%(who)s read the audit log"),
    "audit.exported": _("%(who)s exported the audit log"),
}
