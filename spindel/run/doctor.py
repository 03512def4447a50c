"""`spindel doctor`: what is configured, reachable and lagging.

A domain declares what to look at in its `doctor.py`: `CHECKS`, which are given a connection and
answer findings, and `COUNTS`, what there is how much of. Neither needs Django.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator

from psycopg import Connection

from spindel.kit import database, declared, embedded, environment, health, smtp, vault
from spindel.kit.health import Finding
from spindel.run.preparing import connect, where
from spindel.run.process import Problem
from spindel.run.supervisor import address


def examine() -> bool:
    """Print what is found; whether all is well."""
    print("Configured")
    for setting in environment.SETTINGS.values():
        origin = "" if os.environ.get(setting.name) else "  (default)"
        print(f"    {setting.name:26} {_shown(setting.name)}{origin}")
    well = True
    for title, findings in (("Reachable", _reachable()), ("Lagging", _lagging())):
        print(title)
        for good, text in findings:
            well = well and good
            print(f"  {'ok ' if good else 'NO '} {text}")
    return well


def _shown(name: str) -> str:
    """The value, without what must stay secret."""
    value = environment.value(name)
    if environment.SETTINGS[name].secret:
        return "set" if value else ""
    if name == "SPINDEL_SMTP_URL" and value:
        return _server_shown()
    return where(value) if name == "SPINDEL_DATABASE_URL" and value else value


def _server_shown() -> str:
    try:
        return str(smtp.server())
    except SystemExit:  # told of below
        return "set"


def _reachable() -> Iterator[Finding]:
    home = environment.home()
    yield os.access(home, os.W_OK), f"home {home}"
    try:
        with connect(database.url()) as connection:
            version = connection.info.server_version // 10_000
            yield True, f"database {where(database.url())}, PostgreSQL {version}"
            pending = health.pending_migrations(connection)
            yield not pending, "migrations" + (f": {len(pending)} pending" if pending else "")
            if not pending:
                yield _keys(connection)
    except Problem as problem:
        hint = "" if os.environ.get("SPINDEL_DATABASE_URL") else " (`spindel serve` starts it)"
        yield False, f"{problem}{hint if not embedded.is_running(home) else ''}"
    yield _mail_server()
    yield _answering()


def _keys(connection: Connection) -> Finding:
    """Whether our keys open what is sealed."""
    row = connection.execute("SELECT key FROM identity_forgetting").fetchone()
    try:
        if row is not None:
            vault.unseal(row[0])
    except vault.CantUnseal:
        return False, "keys: these are not the ones that sealed the secrets in the database"
    return True, "keys"


def _mail_server() -> Finding:
    """Whether it lets us in."""
    try:
        server = smtp.server()
    except SystemExit as wrong:
        return False, str(wrong)
    if server is None:
        return True, "no mail server: SPINDEL_SMTP_URL is empty, so mails are kept, and not sent"
    try:
        smtp.greet(server)
    except (OSError, ValueError) as error:  # the latter for a host name that can't be one
        return False, f"mail server {server}: {type(error).__name__}"
    return True, f"mail server {server}"


def _answering() -> Finding:
    """What the front on SPINDEL_PORT says of itself."""
    url = address()
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  # ours
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        return False, f"{url}: {error.read().decode(errors='replace')[:200]}"
    except (OSError, ValueError):
        return False, f"{url} does not answer: start it with `spindel serve`"
    parts = ", ".join(f"{name} {state}" for name, state in said.items() if name != "status")
    return True, f"{url}: {parts}"


def _lagging() -> Iterator[Finding]:
    try:
        with connect(database.url()) as connection:
            if health.pending_migrations(connection):
                yield False, "unknown until the migrations are done"
                return
            for check in declared.each("doctor", "CHECKS"):
                yield from check(connection)
            yield True, "about " + ", ".join(_counts(connection))
    except Problem:
        yield False, "unknown without the database"


def _counts(connection: Connection) -> Iterator[str]:
    for module in declared.modules("doctor"):
        for what, query in getattr(module, "COUNTS", {}).items():
            for (count,) in connection.execute(query).fetchall():
                yield f"{max(0, count):,} {what}"
