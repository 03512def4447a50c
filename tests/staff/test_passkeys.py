"""What is sent in the place of a passkey's answer, by whoever."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spindel.staff.models import User
from tests.staff.conftest import browser, is_in, logged_in, prove

# What the browser answers with, which nobody's passkey has signed.
_ANSWER = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "authenticatorData": "AAAA",
        "signature": "AAAA",
        "userHandle": "MQ",
        "attestationObject": "oA",
    },
    "clientExtensionResults": {},
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


def _without(name: str) -> dict[str, object]:
    return {key: value for key, value in _ANSWER.items() if key != name}


def _of(name: str, value: object) -> dict[str, object]:
    return {**_ANSWER, "response": {**_ANSWER["response"], name: value}}  # type: ignore[dict-item]  # it is one


_WRONG = st.one_of(
    _JSON,
    st.sampled_from(sorted(_ANSWER)).map(_without),
    st.builds(
        lambda name, value: {**_ANSWER, name: value}, st.sampled_from(sorted(_ANSWER)), _JSON
    ),
    st.builds(
        _of, st.sampled_from(sorted(_ANSWER["response"])), _JSON | st.text("AQgM_-", max_size=60)
    ),  # type: ignore[arg-type]  # it is a dict
)
_often = settings(max_examples=30)


def test_whatever_is_sent_for_a_passkey_lets_nobody_in(agent: User) -> None:
    client = browser()

    @_often
    @given(_WRONG)
    def send(credential: object) -> None:
        cache.clear()  # or the eleventh would be told to wait
        client.get("/login/passkey/", HTTP_ACCEPT="application/json")
        said = {"credential": json.dumps(credential)}
        assert client.post("/login/passkey/", said).status_code in (200, 302)

    send()
    assert not is_in(client)


@pytest.mark.parametrize("name", ["id", "rawId", *_ANSWER["response"]])  # type: ignore[misc]  # it is a dict
def test_a_number_where_bytes_belong_is_no_length(agent: User, name: str) -> None:
    """As `bytes` would take it: this one for more memory than there is."""
    many = 10**15
    answer = _ANSWER | {"id": many, "rawId": many} if name in _ANSWER else _of(name, many)
    client = browser()
    client.get("/login/passkey/", HTTP_ACCEPT="application/json")
    said = {"credential": json.dumps(answer)}
    assert client.post("/login/passkey/", said).status_code in (200, 302)
    assert not is_in(client)


def test_whatever_is_sent_for_a_new_passkey_makes_none(agent: User) -> None:
    client = logged_in(agent)
    prove(client)
    assert client.get("/account/passkeys/new/").status_code == 200

    @example(False)
    @example(0)
    @_often
    @given(_WRONG)
    def send(credential: object) -> None:
        said = {"credential": json.dumps(credential), "name": "mine"}
        assert client.post("/account/passkeys/new/", said).status_code == 200

    send()
    assert not agent.authenticator_set.exists()
