"""`spindel doctor`: what is configured, reachable and lagging."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator

from psycopg import Connection

from spindel.kit import database, embedded, environment, health, smtp, vault
from spindel.run.preparing import connect, where
from spindel.run.process import Problem
from spindel.run.supervisor import address

_LAG = 60  # seconds; more is worth a look
_MAIL_LAG = 900  # the same; a server that wants it later is asked again within minutes

Finding = tuple[bool, str]  # whether it is well, and what there is to say


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


_SECRET = (
    *("SPINDEL_SECRET_KEY", "SPINDEL_VAULT_KEYS", "SPINDEL_OIDC_CLIENT_SECRET"),
    *("SPINDEL_STRIPE_KEY", "SPINDEL_STRIPE_WEBHOOK_SECRET"),
)


def _shown(name: str) -> str:
    """The value, without what must stay secret."""
    value = environment.value(name)
    if name in _SECRET:
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


_LAGS = """
SELECT c.follower, c.error, c.failed_at,
       coalesce(extract(epoch FROM now() - (
            SELECT f.received_at FROM timeline_fact f
            WHERE (f.transaction, f.sequence) > (c.transaction, c.sequence)
            ORDER BY f.transaction, f.sequence LIMIT 1)), 0)
FROM timeline_cursor c ORDER BY c.follower
"""
_MAILS = """
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL),
       coalesce(extract(epoch FROM now() - min(made_at) FILTER (WHERE failed_at IS NULL)), 0)
FROM messages_mail
WHERE done_at IS NULL AND (failed_at IS NULL OR failed_at > now() - interval '1 day')
"""
# What has waited for a while, and what was given up, of that which is asked of payment providers.
_PAYMENTS = """
SELECT count(*) FILTER (WHERE failed_at IS NULL), count(*) FILTER (WHERE failed_at IS NOT NULL)
FROM payments_paymentcommand
WHERE (failed_at IS NOT NULL AND failed_at > now() - interval '7 days')
   OR (failed_at IS NULL AND done_at IS NULL AND made_at < now() - interval '15 minutes')
"""
_FAILING = """
SELECT job, row, error, place, attempts, since, due FROM kit_failure ORDER BY since, id LIMIT 20
"""
_COUNTS = {
    "facts": "SELECT reltuples::bigint FROM pg_class WHERE oid = 'timeline_fact'::regclass",
    "customers": "SELECT reltuples::bigint FROM pg_class WHERE oid = 'identity_customer'::regclass",
    "sources": "SELECT count(*) FROM timeline_source",
    "logins": "SELECT count(*) FROM staff_user WHERE is_active",
}


def _jobs(connection: Connection) -> Iterator[Finding]:
    """What fails in the background."""
    failing = connection.execute(_FAILING).fetchall()
    if not failing:
        yield True, "jobs: none fails"
    for job, row, error, place, attempts, since, due in failing:
        what = f"job {job}, row {row}" if row else f"job {job}"
        text = f"{what}: failing with {error} since {since:%Y-%m-%d %H:%M}, {attempts} times"
        yield False, f"{text}, next at {due:%H:%M}; {place}"


def _lagging() -> Iterator[Finding]:
    try:
        with connect(database.url()) as connection:
            if health.pending_migrations(connection):
                yield False, "unknown until the migrations are done"
                return
            yield from _lags(connection)
    except Problem:
        yield False, "unknown without the database"


def _lags(connection: Connection) -> Iterator[Finding]:
    for follower, error, failed_at, seconds in connection.execute(_LAGS).fetchall():
        text = f"follower {follower}: {float(seconds):.1f} s behind"
        if error:
            text += f", failing with {error} since {failed_at:%Y-%m-%d %H:%M}"
        yield seconds <= _LAG and not error, text
    yield from _jobs(connection)
    check = connection.execute("SELECT at, levels, wrong FROM stock_stockcheck").fetchone()
    if check is not None:
        at, levels, wrong = check
        text = f"stock: {wrong:,} of {levels:,} levels did not add up at {at:%Y-%m-%d %H:%M}"
        yield not wrong, text + (", see `spindel stock verify`" if wrong else "")
    mails = connection.execute(_MAILS).fetchone()
    assert mails is not None
    waiting, failed, seconds = mails
    text = f"mail: {waiting:,} waiting, {failed:,} given up within a day"
    if waiting:
        text += f", the oldest since {float(seconds) / 60:.0f} min"
    yield seconds <= _MAIL_LAG, text
    payments = connection.execute(_PAYMENTS).fetchone()
    assert payments is not None
    late, failed = payments
    text = f"payments: {late:,} to be asked for since long, {failed:,} given up within a week"
    yield not late and not failed, text
    counts = []
    for what, query in _COUNTS.items():
        row = connection.execute(query).fetchone()
        assert row is not None
        counts.append(f"{max(0, row[0]):,} {what}")
    yield True, "about " + ", ".join(counts)
