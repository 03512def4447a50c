"""What forms make of what is sent, whatever that is."""

from __future__ import annotations

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from spindel.kit.forms import Counts, Id, Ids, Name, Numbers, QuietForm, Rows, Seen, Yes


class Basket(QuietForm):
    """One field of each kind."""

    rows = Rows(lambda thing, note: (thing, note), 3, thing=Id(), note=Name(max_length=4))
    ticked = Ids(3)
    numbered = Numbers(3)
    counts = Counts(3)
    state = forms.ChoiceField(choices=[("new", ""), ("old", "")], required=False)
    day = forms.DateField(required=False)
    sure = Yes()
    seen = Seen()


NOTHING = {
    "rows": [],
    "ticked": [],
    "numbered": [],
    "counts": [],
    "state": "",
    "day": None,
    "sure": False,
    "seen": None,
}


def said(query: str) -> dict[str, object]:
    """What is said beside nothing."""
    values = Basket(QueryDict(query)).values
    return {name: value for name, value in values.items() if value != NOTHING[name]}


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {}),
        ("thing=1&note=+a+b+&thing=x&note=longer", {"rows": [(1, "a b"), (0, "long")]}),
        ("thing=1&thing=2&note=a", {"rows": [(1, "a")]}),  # a row is whole
        ("ticked=7&ticked=x&ticked=0&ticked=9", {"ticked": [7]}),  # of the first three
        ("numbered=0&numbered=-1&numbered=2", {"numbered": [0, 2]}),
        ("counts=7:2&counts=8&counts=9:1000", {"counts": [(7, 2)]}),
        ("state=new&day=2026-02-03&sure=yes&seen=0", None),
        ("state=none&day=soon&sure=no&seen=-1", {}),
    ],
)
def test_what_can_not_be_is_as_if_it_was_not_said(
    query: str, values: dict[str, object] | None
) -> None:
    if values is None:
        assert set(said(query)) == {"state", "day", "sure", "seen"}
    else:
        assert said(query) == values


_texts = st.text(max_size=12) | st.from_regex(r"-?[0-9]{1,22}(:[0-9]{1,4})?", fullmatch=True)


@given(st.lists(st.tuples(st.sampled_from([*NOTHING, "thing", "note"]), _texts), max_size=30))
def test_nothing_that_is_sent_is_an_error_or_too_much(sent: list[tuple[str, str]]) -> None:
    query = QueryDict(mutable=True)
    for name, text in sent:
        query.appendlist(name, text)
    values = Basket(query).values
    assert set(values) == set(NOTHING)
    assert all(len(values[name]) <= 3 for name in ("rows", "ticked", "numbered", "counts"))
