"""Offers as YAML, to be kept in git: the same terms as the API's, by their keys.

docs/offers.md tells of the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import msgspec
import yaml
from msgspec import Struct

from spindel.kit import yamls
from spindel.kit.actions import action
from spindel.offers import actions, codes, listing
from spindel.offers.actions import SILENT
from spindel.offers.models import Offer, OfferCode
from spindel.offers.terms import Terms, encode, of

MOST_OFFERS = 2_000
_KEY = re.compile("[a-z0-9][a-z0-9-]{0,79}")


class BadFile(ValueError):
    """A file says no offers; says where and why."""


class Declared(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of an offer: its terms; the state that it is to be in, where that is said;
    and codes that all may be told.
    """

    terms: Terms
    state: Literal["draft", "live", "paused", "ended"] | None = None
    codes: list[str] = []


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    offers: dict[str, Declared]


class What(StrEnum):
    """What becomes of an offer."""

    NEW = "new"
    CHANGED = "changed"
    STOPPED = "stopped"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that changes, by its path in the terms, as JSON; None: it is not said."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of an offer, field by field."""

    key: str
    what: What
    fields: Sequence[Field] = ()


# --- reading --------------------------------------------------------------------------------------


def read(texts: Mapping[str, bytes]) -> dict[str, Declared]:
    """The offers of files, by their keys; `texts` by the files' names. Raises BadFile."""
    found: dict[str, Declared] = {}
    for name, text in texts.items():
        for key, declared in _read(name, text).items():
            if not _KEY.fullmatch(key):
                raise BadFile(f"{name}: {key} is no key: small letters, digits and hyphens only.")
            if key in found:
                raise BadFile(f"{name}: {key} is in two files.")
            for code in declared.codes:
                if len(codes.read(code)) < codes.LEAST_CODE:
                    raise BadFile(f"{name}: {key}: {code} is no code.")
            found[key] = declared
    if len(found) > MOST_OFFERS:
        raise BadFile(f"At most {MOST_OFFERS:,} offers are taken at once.")
    return found


def _read(name: str, text: bytes) -> dict[str, Declared]:
    try:
        return msgspec.convert(yamls.read(text), _File).offers
    except yamls.BadYaml as error:
        where = f"{name}, line {error.line}" if error.line else name
        raise BadFile(f"{where}: {error}") from None
    except msgspec.ValidationError as error:
        raise BadFile(f"{name}: {error}{_hint(str(error))}") from None


def _hint(error: str) -> str:
    if "opens" in error or "closes" in error:
        return '. Write times of day in quotes: "22:00"'
    if "timezone" in error:
        return ". Write moments with their offset: 2026-05-01T00:00:00+02:00"
    return ""


# --- planning and applying ------------------------------------------------------------------------


def plan(declared: Mapping[str, Declared]) -> list[Planned]:
    """What applying would do, by key. Raises BadFile for what can't be done."""
    found = {one.key: one for one in listing.by_keys(list(declared))}
    given = _codes(declared, revoked=True)  # what was revoked stays so until somebody says else
    return [
        _planned(key, said, found.get(key), given.get(key, set()))
        for key, said in sorted(declared.items())
    ]


def _codes(keys: Iterable[str], *, revoked: bool = False) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = OfferCode.objects.filter(offer__key__in=list(keys)).exclude(text="")
    if not revoked:
        rows = rows.filter(revoked_at=None)
    for key, code in rows.values_list("offer__key", "text"):
        found.setdefault(key, set()).add(code)
    return found


def _planned(key: str, said: Declared, now: listing.OfferView | None, given: set[str]) -> Planned:
    before = _flat(of(now.terms)) if now else {}
    after = _flat(said.terms)
    fields = [
        Field(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]
    state = str(now.state) if now else "draft"
    if said.state is not None and said.state != state:
        if state == Offer.State.ENDED:
            raise BadFile(f"{key}: it has ended, and what has ended is not given again.")
        if said.state == "draft":
            raise BadFile(f"{key}: it was given already: it can be paused or ended.")
        fields.append(Field("state", state, said.state))
    new_codes = sorted({codes.read(one) for one in said.codes} - given)
    fields += [Field("codes", None, one) for one in new_codes]
    if now is None:
        return Planned(key, What.NEW, fields)
    stops = state == Offer.State.LIVE and said.state in ("paused", "ended")
    what = What.STOPPED if stops else What.CHANGED if fields else What.SAME
    return Planned(key, what, fields)


def _flat(terms: Terms) -> dict[str, object]:
    """The terms as JSON, by path: what is named within another thing has its own."""
    told: dict[str, object] = json.loads(encode(terms))
    found: dict[str, object] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


@action(silent=SILENT)
def apply(declared: Mapping[str, Declared], by: str, why: str) -> list[Planned]:
    """Have the offers say and do what the files say, all or none of them; what was done. The same
    again does nothing. Offers that no file names stay as they are. Raises BadFile and Refusal.
    """
    list(
        Offer.objects.select_for_update(no_key=True).filter(key__in=list(declared)).order_by("key")
    )
    planned = plan(declared)
    for one in planned:
        if one.what == What.SAME:
            continue
        said = declared[one.key]
        if one.what == What.STOPPED and said.state is not None:  # before it says what nobody saw
            actions.set_state(one.key, Offer.State(said.state), by, why)
        actions.keep(one.key, said.terms, by=by, why=why)
        for field in one.fields:
            if field.path == "codes":
                actions.add_code(one.key, str(field.after), by=by)
        if said.state is not None and said.state != "draft":
            actions.set_state(one.key, Offer.State(said.state), by, why)
    return planned


# --- writing --------------------------------------------------------------------------------------


def export() -> str:
    """All offers as YAML, which `read` reads, without the codes that are for one customer each."""
    offers: dict[str, object] = {}
    after = ""
    while found := listing.offers("", after, MOST_OFFERS):
        after = found[-1].key
        given = _codes([one.key for one in found])
        for one in found:
            said: dict[str, object] = {"state": one.state}
            if given.get(one.key):
                said["codes"] = sorted(given[one.key])
            offers[one.key] = said | {"terms": json.loads(encode(of(one.terms)))}
    return yaml.safe_dump({"offers": offers}, allow_unicode=True, sort_keys=False, width=100)
