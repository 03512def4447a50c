"""Merging, splitting and correcting customers by hand. Each can be undone.

Nothing here touches a fact, so it costs the same for ten facts as for ten million.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from spindel.identity import customers, graph, ownership
from spindel.identity.facts import (
    CustomersMerged,
    CustomerSplit,
    DetailsChanged,
    NoteWritten,
    TraitCorrected,
)
from spindel.identity.followers import NOTIFY_CUSTOMERS, put_lookups, trait_digest
from spindel.identity.graph import BY_HAND
from spindel.identity.models import Cut, Identifier, Link, Trait
from spindel.identity.resolve import Held, Joint, Node, Resolution
from spindel.identity.rules import KINDS
from spindel.identity.searching import name_keys
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.clock import BEGINNING
from spindel.kit.refusal import Refusal
from spindel.staff import audit
from spindel.timeline.models import Channel
from spindel.timeline.recording import own_source, record


@dataclass(frozen=True, slots=True)
class Part:
    """A customer as it would be after a merge or a split."""

    customer: int
    identifiers: list[str]  # kind:value


_JOIN = """
INSERT INTO identity_link (a_id, b_id, since, rule, sources, by)
VALUES (%s, %s, now(), 'by hand', %s, %s)
ON CONFLICT (a_id, b_id, since, rule) DO NOTHING
"""
_NO_PROOF: list[int] = []  # it joins the two; that they are certainly one person nobody has said


@action(records="Customers Merged")
def merge_customers(into: int, other: int, by: str) -> int:
    """Make the two customers one; the id of the one they are now.

    Where it is certain who each is, it is certain from then on that they are one person; else they
    are shown as one, and who has proved to be one of them is let see nothing of the others.
    Raises Refusal when they are one already, and customers.NotFound.
    """
    graph.lock()
    kept, merged = customers.living(into), customers.living(other)
    if kept == merged:
        raise Refusal("one_already")
    ours, theirs = _members(kept), _members(merged)
    Cut.objects.filter(a_id__in=ours, b_id__in=theirs).delete()
    Cut.objects.filter(a_id__in=theirs, b_id__in=ours).delete()
    _join(kept, merged, by)
    _settle([kept, merged])
    now_one = customers.living(kept)
    record(CustomersMerged(kept=now_one, merged=max(kept, merged), by=by), now_one)
    audit.note(by, "customer.merged", [kept, merged])
    return now_one


def _join(kept: int, merged: int, by: str) -> None:
    one, other = ownership.certain(kept), ownership.certain(merged)
    if one is not None and other is not None:
        sql.run(_JOIN, [one, other, [own_source().pk], by])
    else:
        sql.run(_JOIN, [ownership.anchor(kept), ownership.anchor(merged), _NO_PROOF, by])


@action(records="Customer Split")
def split_customer(customer: int, identifiers: Collection[int], by: str) -> tuple[int, int]:
    """Give these of the customer's identifiers to another; the ids of the first and the other.

    What linked the two parts is set aside for good: the same evidence never merges them again.
    Raises Refusal when nothing or everything is taken, and customers.NotFound.
    """
    graph.lock()
    customer = customers.living(customer)
    members = _members(customer)
    taken, left = members & set(identifiers), members - set(identifiers)
    if taken != set(identifiers):
        raise Refusal("not_theirs")
    if not taken:
        raise Refusal("nothing_chosen")
    if not left:
        raise Refusal("nothing_stays")
    parts = _separate(left, taken, by)
    audit.note(by, "customer.split", parts)
    return parts


@action(records="Customer Split")
def undo_link(link: int, by: str) -> tuple[int, int]:
    """Take apart what the link has joined, with whatever has come to either side since.

    The ids of the two customers. Raises Refusal when the link joins nothing.
    """
    graph.lock()
    found = Link.objects.filter(pk=link).first()
    if found is None:
        raise Refusal("undone_already")
    around = graph.neighbourhood([found.a_id, found.b_id])
    resolution = around.resolve()
    joint = next(
        (
            joint
            for joint in resolution.tree
            if (joint.edge.a, joint.edge.b, joint.edge.since)
            == (found.a_id, found.b_id, found.since)
        ),
        None,
    )
    by_hand = found.rule == BY_HAND
    if joint is None or (by_hand and _are_one(around.without(link).resolve(), found)):
        raise Refusal("joins_nothing")
    left, taken = _sides(resolution, joint)
    if by_hand:
        found.delete()
        parts = _settled(left, taken, by)
    else:
        # A device that both have had belongs to neither side: it goes where its messages say.
        parts = _separate(left - taken, taken - left, by)
    audit.note(by, "customer.merge_undone", parts)
    return parts


def _are_one(resolution: Resolution, link: Link) -> bool:
    customers_ = {
        period.customer
        for period in resolution.periods
        if period.identifier in (link.a_id, link.b_id) and period.since == BEGINNING
    }
    return len(customers_) == 1


def _sides(resolution: Resolution, joint: Joint) -> tuple[set[int], set[int]]:
    """The identifiers on either side of a joint, were it not there."""
    near: dict[Held, set[Held]] = defaultdict(set)
    for other in resolution.tree:
        if other is not joint:
            near[other.a].add(other.b)
            near[other.b].add(other.a)

    def reach(start: Held) -> set[int]:
        found, waiting = {start}, [start]
        while waiting:
            for next_ in near[waiting.pop()] - found:
                found.add(next_)
                waiting.append(next_)
        return {identifier for identifier, _ in found}

    return reach(joint.a), reach(joint.b)


def _separate(left: set[int], taken: set[int], by: str) -> tuple[int, int]:
    """Set aside whatever links the two sets, now and in future; the ids of their customers."""
    if not taken:
        raise Refusal("nothing_to_split")
    around = graph.neighbourhood(left | taken)
    joined = around.resolve()
    parted = around.resolve(apart=(left, taken))
    crossing = set(parted.refused) - set(joined.refused)
    for evidence in around.evidence:
        if evidence.edge not in crossing:
            continue
        if evidence.rule == BY_HAND:
            Link.objects.filter(pk=evidence.id).delete()
        else:
            a, b = sorted((evidence.edge.a, evidence.edge.b))
            Cut.objects.get_or_create(a_id=a, b_id=b, defaults={"by": by})
    for part in (left, taken):
        _hold_together(part, by)
    return _settled(left, taken, by)


def _settled(left: set[int], taken: set[int], by: str) -> tuple[int, int]:
    """Let the evidence decide, put the split on record, and answer the ids of the two."""
    _settle(left | taken)
    other, customer = _holder(taken), _holder(left)
    record(CustomerSplit(customer=customer, other=other, by=by), customer)
    return customer, other


def _hold_together(part: set[int], by: str) -> None:
    """A part that was one customer stays one, also if what held it went through the other part.

    Whoever has taken the other away has not said that the rest are certainly one person.
    """
    around = graph.neighbourhood(part)
    groups = [
        {period.identifier for period in group} for group in around.resolve().groups().values()
    ]
    # Not by a device, if there is another: it joins nobody to anybody.
    heads = sorted(
        (
            min((around.nodes[one] for one in group), key=_strongest_first)
            for group in groups
            if group <= part
        ),
        key=_strongest_first,
    )
    for other in heads[1:]:
        sql.run(_JOIN, [heads[0].id, other.id, _NO_PROOF, by])


def preview_merge(into: int, other: int) -> list[Part]:
    """What merging the two would make. Raises as `merge_customers`."""
    with transaction.atomic():
        kept = merge_customers(into, other, "preview")
        parts = [part(kept)]
        transaction.set_rollback(True)
    return parts


def preview_split(customer: int, identifiers: Collection[int]) -> list[Part]:
    """What the split would make: the customer as left, then the other. Raises as the split."""
    with transaction.atomic():
        parts = [part(one) for one in split_customer(customer, identifiers, "preview")]
        transaction.set_rollback(True)
    return parts


def part(customer: int) -> Part:
    """The customer, with all that is hers now."""
    members = Identifier.objects.filter(pk__in=_members(customer)).order_by("pk")
    return Part(customer, [f"{one.kind}:{one.value}" for one in members])


@action(records="Trait Corrected")
def correct_trait(customer: int, name: str, value: str, by: str, served: int | None = None) -> None:
    """Put a trait right; this wins over every source until it is corrected again.

    `served` is the identifier that she was served by, as in `ownership.under`. Raises Refusal for
    a name or a value that can't be, and customers.NotFound.
    """
    name, value = name.strip(), value.strip()
    if not 0 < len(name) <= 64 or len(value) > 2_000 or "\0" in name + value:
        raise Refusal("odd_trait")
    graph.lock()
    customer = customers.living(customer)
    identifier = ownership.under(customer, served)
    _say_by_hand(identifier, {name: value}, by)
    record(TraitCorrected(name=name, by=by), identifier)
    audit.note(by, "customer.corrected", [customer])


THEMSELVES = "customer"  # in the place of who has put it right: on a page of their own


@action(records="Details Changed")
def change_details(identifier: int, told: Mapping[str, object]) -> None:
    """Take what a customer, who has proved to have the identifier, says of themselves, by traits.

    It counts as what somebody here puts right does: before every source, until it is said anew.
    Nothing told: nothing. Raises recording.Gone.
    """
    if told:
        record(DetailsChanged(names=sorted(told)), identifier, Channel.WEB)
        _say_by_hand(identifier, told, THEMSELVES)


def _say_by_hand(identifier: int, told: Mapping[str, object], by: str) -> None:
    now = timezone.now()
    for name, value in sorted(told.items()):
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        Trait.objects.update_or_create(
            identifier_id=identifier,
            name=name,
            source=own_source(),
            digest=trait_digest(text),
            defaults={"value": value, "last_at": now, "by": by},
            create_defaults={"value": value, "first_at": now, "last_at": now, "by": by},
        )
    put_lookups({(key, identifier): now for key in name_keys(told)})


LONGEST_NOTE = 2_000


@action(records="Note Written")
def write_note(customer: int, text: str, by: str, served: int | None = None) -> None:
    """Note something about the customer, for the people here.

    `served` is as in `correct_trait`. Raises Refusal for an empty or too long text, and
    customers.NotFound.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_NOTE or "\0" in text:
        raise Refusal("odd_note")
    graph.lock()
    customer = customers.living(customer)
    record(NoteWritten(text=text, by=by), ownership.under(customer, served))
    audit.note(by, "customer.noted", [customer])


# --- shared ---------------------------------------------------------------------------------------


def _strongest_first(node: Node) -> tuple[int, int]:
    return KINDS[node.kind].strength, node.id


def _holder(identifiers: Collection[int]) -> int:
    """Whose the identifiers are; of devices, which change hands, only where there is no other."""
    nodes = graph.nodes_of(identifiers).values()
    return customers.living(min(nodes, key=_strongest_first).id)


def _members(customer: int) -> set[int]:
    return {span[0] for span in customers.spans(customer)}


def _settle(ids: Collection[int]) -> None:
    changed = graph.settle(ids, again=True)
    sql.notify(NOTIFY_CUSTOMERS, " ".join(map(str, sorted(changed)[:400])) or "*")
