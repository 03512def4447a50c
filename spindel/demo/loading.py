"""The demo: its sources, its people and its two years, made once and kept in SPINDEL_HOME."""

from __future__ import annotations

import base64
import http.client
import json
import os
import queue
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from django.db import DatabaseError, transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from spindel.catalogue import post_actions as posts
from spindel.club.followers import FOLLOWER as CLUB
from spindel.collect.actions import SourceSettings, create_source
from spindel.demo import quirks
from spindel.demo.nordsko import history
from spindel.demo.nordsko.audited import audit
from spindel.demo.nordsko.contents import make_contents
from spindel.demo.nordsko.errands import bring_errands
from spindel.demo.nordsko.members import bring_members
from spindel.demo.nordsko.offers import make_offers, name_regulars
from spindel.demo.nordsko.ordered import VALLGATAN, fill_order_book, is_filled
from spindel.demo.nordsko.stocked import move_pictures, put_into_catalogue
from spindel.identity.followers import FOLLOWER
from spindel.staff.actions import create_token, create_user
from spindel.staff.models import Role, Scope, User
from spindel.timeline import following
from spindel.timeline.models import Channel, Source, SourceKind, WriteKey
from spindel.timeline.recording import OWN_SOURCE

_SOURCES = {
    "web": ("Nordsko web shop", SourceKind.WEB, Channel.WEB, False),
    "app": ("Nordsko app", SourceKind.APP, Channel.APP, False),
    "members": ("Nordsko members", SourceKind.CRM, Channel.WEB, True),
    "pos": ("Nordsko tills", SourceKind.POS, Channel.STORE, True),
    "phone": ("Nordsko telephone", SourceKind.CALL_CENTRE, Channel.PHONE, True),
    "chat": ("Nordsko chat", SourceKind.OTHER, Channel.CHAT, False),
    "mail": ("Nordsko letters", SourceKind.MAIL, Channel.EMAIL, True),
    "ads": ("Nordsko advertising", SourceKind.ADS, Channel.SOCIAL, False),
}
_PEOPLE = {
    Role.ADMIN: "Astrid",
    Role.MARKETER: "Mikkel",
    Role.AGENT: "Elin",
    Role.CLERK: "Oskar",
    Role.ANALYST: "Ane",
}
_ABOUT = 275_000  # messages; what the progress bar is out of
_LARGEST_BATCH = 2_000
_LARGEST_BODY = 480_000
_CONNECTIONS = 3


class NotADemo(Exception):
    """The home holds somebody's own data."""


@dataclass
class Demo:
    """What demo.json tells, and until when the history goes. `shop` is the web shop's own."""

    until: str
    api_token: str
    write_keys: dict[str, str]
    logins: dict[str, dict[str, str]] = field(default_factory=dict)
    shop: dict[str, str] = field(default_factory=dict)


def is_made(home: Path) -> bool:
    """Whether the demo of this home is complete."""
    try:
        said = json.loads(_told(home).read_text())
    except FileNotFoundError:
        return False
    return WriteKey.objects.filter(key=said["write_keys"]["web"]).exists()


def make(home: Path, url: str) -> None:
    """Make the demo, or go on where a former start was interrupted. Raises NotADemo."""
    demo = _begun(home) or _begin(home)
    put_into_catalogue(datetime.now(UTC).date(), url)
    make_offers()
    make_contents()
    _load(url, demo, write_keys())
    _wait_for_followers()
    _stray(url, demo, write_keys())
    bring_members()
    name_regulars()
    open_day(datetime.fromisoformat(demo.until))
    audit()
    tell(home, url, demo)


def open_day(until: datetime | None = None) -> None:
    """What a day at Nordsko begins with: stores that have nothing to do get something.

    On the first one the order book comes to be, of the month `until` then.
    """
    agent, clerk = _employee(Role.AGENT), _employee(Role.CLERK)
    bring_errands(agent)
    if agent is not None and clerk is not None and not is_filled():
        posts.give(clerk.pk, VALLGATAN, _employee(Role.ADMIN) or clerk)
        fill_order_book(until or datetime.now(UTC), agent, clerk)


def _employee(role: Role) -> User | None:
    return User.objects.filter(email=_email(role)).first()


def _email(role: Role) -> str:
    return f"{_PEOPLE[role].lower()}@nordsko.example"


def tell(home: Path, url: str, demo: Demo | None = None) -> None:
    """Write demo.json, or just the address that has changed, where the pictures are then, too."""
    path = _told(home)
    said = asdict(demo) if demo is not None else json.loads(path.read_text())
    if said.get("url") != url or not said.get("shop"):
        if demo is None and said.get("url") != url:
            move_pictures(url)
        said["shop"] = said.get("shop") or _shop(said["write_keys"])
        said = {key: said[key] for key in ("api_token", "write_keys", "logins", "shop")}
        _write(path, {"url": url, **said})
    (home / _DRAFT).unlink(missing_ok=True)


def story_of(home: Path) -> str:
    """What to say to the person who has just started it: where, who, and what to try."""
    said = json.loads(_told(home).read_text())
    lines = [f"Nordsko is open: {said['url']}", f"Its web shop:    {said['url']}/shop/"]
    lines += [f"What it mails:   {said['url']}/demo-mail/", ""]
    lines += [
        f"  {role:9} {login['email']:26} {login['password']}"
        for role, login in said["logins"].items()
    ]
    lines += ["", "Three things to try:", *(f"  {number}. {line}" for number, line in _TRY)]
    return "\n".join(lines)


_TRY = (
    (1, "In the shop, put Vinga in size 38 into the cart: it is sold out, so find it in a store."),
    (2, "As the clerk, open /store/, which is Vallgatan for him: hand Anna Åkesson-Lind her pair."),
    (3, "Run `.venv/bin/spindel play` in another terminal, and follow Maja as it happens."),
)

_DRAFT = "demo.part.json"


def _told(home: Path) -> Path:
    return home / "demo.json"


def _begun(home: Path) -> Demo | None:
    """What an interrupted start had made, if the database still knows of it."""
    try:
        demo = Demo(**json.loads((home / _DRAFT).read_text()))
    except FileNotFoundError:
        return None
    return demo if WriteKey.objects.filter(key=demo.write_keys["web"]).exists() else None


def _begin(home: Path) -> Demo:
    if Source.objects.exclude(slug=OWN_SOURCE).exists():
        raise NotADemo
    with transaction.atomic():
        demo = _people_and_sources()
        # Before the commit: passwords are kept nowhere else, and after it they can't be made anew.
        _write(home / _DRAFT, asdict(demo))
    return demo


def _people_and_sources() -> Demo:
    logins, admin = {}, None
    for role, name in _PEOPLE.items():
        email, password = _email(role), secrets.token_urlsafe(12)
        user = create_user(email, password, role, name)
        admin = admin or user
        logins[role.value] = {"email": email, "password": password}
    keys = {}
    for slug, (name, kind, channel, trusted) in _SOURCES.items():
        _, key = create_source(slug, SourceSettings(name, kind, channel, trusted=trusted))
        keys[slug] = key.key
    _, token = create_token("Nordsko demo", list(Scope), admin)
    told = {slug: keys[slug] for slug in ("web", "app", "pos")}
    return Demo(datetime.now(UTC).isoformat(), token, told, logins, _shop(told, admin))


def _shop(keys: dict[str, str], by: User | None = None) -> dict[str, str]:
    """What the web shop calls Spindel with: no more than a shop needs."""
    scopes = [Scope.READ_CATALOGUE, Scope.READ_STOCK, Scope.SHOP]
    _, token = create_token("Nordsko web shop", scopes, by)
    return {"token": token, "write_key": keys["web"]}


def _write(path: Path, said: dict[str, object]) -> None:
    """All of the file or nothing, and for the owner's eyes alone: it holds passwords."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(said, file, indent=2)
        file.write("\n")
    draft.replace(path)


def write_keys() -> dict[str, str]:
    """A write key that is good, for each source."""
    keys = WriteKey.objects.filter(revoked_at=None).values_list("source__slug", "key")
    return dict(keys)


# --- through the collector, like anybody's data ---------------------------------------------------


class NoAnswer(RuntimeError):
    """The collector did not answer for too long."""


class Sender:
    """Sends batches to the collector over one connection, until they are taken."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def send(self, key: str, messages: bytes) -> None:
        """Send a batch, again and again while the collector is away. Raises NoAnswer, and
        RuntimeError when it refuses.
        """
        headers = {
            "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "Content-Type": "application/json",
        }
        body = b'{"batch":' + messages + b"}"
        for attempt in range(60):
            try:
                self._connection.request("POST", "/v1/batch", body, headers)
                answer = self._connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                self._connection.close()
                time.sleep(min(0.1 * 2**attempt, 2))
                continue
            if answer.status == 200:
                return
            if answer.status not in (429, 503):
                raise RuntimeError(f"The collector refused a batch: {answer.status} {said[:200]!r}")
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        raise NoAnswer("The collector did not answer for too long.")


_Batch = tuple[str, bytes, int]  # source, JSON list, messages


def _batches(until: datetime) -> Iterator[_Batch]:
    """The history in batches of one source each, within the API's limits."""
    encode = msgspec.json.encode
    waiting: dict[str, list[bytes]] = {}
    sizes: dict[str, int] = {}
    for source, message in history(until):
        raw = encode(message)
        parts = waiting.setdefault(source, [])
        if len(parts) == _LARGEST_BATCH or sizes.get(source, 0) + len(raw) > _LARGEST_BODY:
            yield source, b"[" + b",".join(parts) + b"]", len(parts)
            parts.clear()
            sizes[source] = 0
        parts.append(raw)
        sizes[source] = sizes.get(source, 0) + len(raw) + 1
    for source, parts in waiting.items():
        if parts:
            yield source, b"[" + b",".join(parts) + b"]", len(parts)


def _load(url: str, demo: Demo, keys: dict[str, str]) -> None:
    """Send the history. What a former start has sent already is known by its message ids."""
    batches: queue.Queue[_Batch | None] = queue.Queue(_CONNECTIONS * 2)
    failures: list[Exception] = []
    sent = _Tally()

    def work() -> None:
        sender = Sender(url)
        while (batch := batches.get()) is not None:
            source, body, count = batch
            try:
                if not failures:
                    sender.send(keys[source], body)
                    sent.add(count)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    with _Bar("Two years of Nordsko", _ABOUT) as bar:
        for batch in _batches(datetime.fromisoformat(demo.until)):
            batches.put(batch)
            bar.show(sent.count)
            if failures:
                break
        for _ in threads:
            batches.put(None)
        for thread in threads:
            thread.join()
        bar.end(sent.count)
    if failures:
        raise failures[0]


class _Tally:
    """A count that threads add to."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self.count += count


class _Bar:
    """Progress: a bar for a person at a terminal, a line now and then for a log."""

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stdout),
            disable=not sys.stdout.isatty(),
        )
        self._task = self._progress.add_task(title, total=total)
        self._said_at = time.monotonic()

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, done: int) -> None:
        self._progress.update(self._task, completed=done)
        if self._progress.disable and time.monotonic() - self._said_at > 5:
            self._said_at = time.monotonic()
            print(f"{self._title}: {done:,} so far", flush=True)  # noqa: T201  # it is its job

    def end(self, done: int) -> None:
        self._progress.update(self._task, completed=done, total=done)
        if self._progress.disable:
            print(f"{self._title}: {done:,}", flush=True)  # noqa: T201  # it is its job


def _stray(url: str, demo: Demo, keys: dict[str, str]) -> None:
    """Send what the sources get wrong, after the plan that it is measured by is there."""
    quirks.prepare()
    sender = Sender(url)
    for source, message in quirks.quirks(datetime.fromisoformat(demo.until)):
        sender.send(keys[source], b"[" + msgspec.json.encode(message) + b"]")
    quirks.relax()


def _wait_for_followers() -> None:
    """Wait until the customers are there, too."""
    total = _behind() or 0
    with _Bar("Who is who", total) as bar:
        while (behind := _behind()) != 0:
            if behind is not None:
                bar.show(max(0, total - behind))
            time.sleep(0.2)
        bar.end(total)


def _behind() -> int | None:
    """How many facts identity and the club have yet to take in; None while the database is away."""
    names = (FOLLOWER.name, CLUB.name)
    try:
        return sum(lag.facts for lag in following.lags() if lag.follower in names)
    except DatabaseError:
        return None
