"""`spindel doctor` is pasted into bug reports: it says that a secret is set, and not which."""

from __future__ import annotations

import pytest

from tests.run.running import free_port, new_home, spindel

pytestmark = pytest.mark.slow

SECRET = "do-not-tell-anybody"


@pytest.mark.parametrize(
    "address", [f"me:{SECRET}@127.0.0.1:{{}}/crm", f"127.0.0.1:{{}}/crm?user=me&password={SECRET}"]
)
def test_it_tells_no_secret(address: str) -> None:
    told = spindel(
        "doctor",
        SPINDEL_HOME=str(new_home()),
        SPINDEL_PORT=str(free_port()),
        SPINDEL_DATABASE_URL="postgresql://" + address.format(free_port()),
        SPINDEL_SECRET_KEY=SECRET,
        SPINDEL_VAULT_KEYS=SECRET,
        SPINDEL_OIDC_CLIENT_SECRET=SECRET,
    )
    assert told.returncode == 1
    assert "crm at 127.0.0.1" in told.stdout
    assert SECRET not in told.stdout + told.stderr
