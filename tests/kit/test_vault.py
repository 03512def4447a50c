"""Secrets at rest: sealed with the newest key, readable with every key that is still kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from spindel.kit import vault


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))
    monkeypatch.delenv("SPINDEL_VAULT_KEYS", raising=False)
    return tmp_path


def test_what_was_sealed_can_be_unsealed_and_shows_nothing(home: Path) -> None:
    sealed = vault.seal("Åkesson")
    assert "kesson" not in sealed
    assert vault.unseal(sealed) == "Åkesson"
    assert vault.seal("Åkesson") != sealed


def test_the_key_is_readable_by_its_owner_alone(home: Path) -> None:
    vault.seal("x")
    vault.add_key()
    file = home / "keys" / "vault.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("bad", ["", "plain", "sealed:1:", "sealed:1:gAAAAA", "sealed:2:x"])
def test_what_was_not_sealed_here_is_refused(home: Path, bad: str) -> None:
    with pytest.raises(vault.CantUnseal):
        vault.unseal(bad)


def test_what_was_changed_is_refused(home: Path) -> None:
    sealed = vault.seal("a secret")
    with pytest.raises(vault.CantUnseal):
        vault.unseal(sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:])


def test_a_new_key_seals_and_the_former_still_unseals(home: Path) -> None:
    former = vault.seal("a secret")
    vault.add_key()
    assert vault.unseal(former) == "a secret"
    anew = vault.reseal(f'{{"totp": "{former}", "other": 1}}')
    assert former not in anew
    vault.drop_old_keys()
    with pytest.raises(vault.CantUnseal):
        vault.unseal(former)
    assert vault.unseal(anew.split('"')[3]) == "a secret"


def test_keys_from_the_environment_are_changed_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_VAULT_KEYS", "the first key")
    former = vault.seal("a secret")
    with pytest.raises(RuntimeError):
        vault.add_key()
    monkeypatch.setenv("SPINDEL_VAULT_KEYS", "the second key, the first key")
    assert vault.unseal(vault.reseal(former)) == "a secret"
    monkeypatch.setenv("SPINDEL_VAULT_KEYS", "the second key")
    with pytest.raises(vault.CantUnseal):
        vault.unseal(former)
    assert not (home / "keys").exists()
