"""The command `spindel`. Django is imported where it is needed: `--help` answers at once."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spindel import __version__
from spindel.collect.limits import PUBLIC_RATE
from spindel.kit import environment
from spindel.run.process import Problem

if TYPE_CHECKING:
    from spindel.offers.files import Planned

app = typer.Typer(
    name="spindel",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="One customer, whichever channel it is."
    " Settings are environment variables: docs/settings.md lists them all.",
)
source_app = typer.Typer(no_args_is_help=True, help="The systems that tell Spindel of facts.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens that machines call the API with.")
catalogue_app = typer.Typer(no_args_is_help=True, help="What is sold.")
stock_app = typer.Typer(no_args_is_help=True, help="How much of what is where.")
club_app = typer.Typer(no_args_is_help=True, help="The club: its members, and their points.")
keys_app = typer.Typer(no_args_is_help=True, help="The keys that seal secrets in the database.")
app.add_typer(source_app, name="source")
app.add_typer(stock_app, name="stock")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(club_app, name="club")
app.add_typer(keys_app, name="keys")
app.add_typer(token_app, name="token")


def main() -> None:
    """Run a command. What a person can put right is one line, and status 1."""
    try:
        app()
    except Problem as problem:
        print(f"spindel: {problem}", file=sys.stderr)
        sys.exit(1)


# --- running it -----------------------------------------------------------------------------------


@app.command()
def serve() -> None:
    """Run everything on this machine: database, pages, collector and background work.

    Listens on SPINDEL_HOST (127.0.0.1) and SPINDEL_PORT (8000); the database is an embedded
    PostgreSQL in SPINDEL_HOME, unless SPINDEL_DATABASE_URL names another one. Ctrl-C stops it all.
    """
    from spindel.run.supervisor import Supervisor

    Supervisor(_say_hello).run()


def _say_hello(url: str) -> None:
    print(f"Spindel runs at {url} (Ctrl-C stops it).", flush=True)
    _django()
    from django.db import DatabaseError

    from spindel.staff.models import User

    try:
        nobody = not User.objects.exists()
    except DatabaseError:  # it has gone away again; the supervisor sees to that
        return
    if nobody:
        print("Nobody can log in yet: make the first login with `spindel createadmin`.", flush=True)


@app.command()
def web() -> None:
    """Run the pages and the API alone, on SPINDEL_DATABASE_URL; any number of them."""
    from spindel.run import serving

    _serve_alone(lambda: serving.serve(serving.PAGES))


@app.command()
def collect() -> None:
    """Run the collector alone, on SPINDEL_DATABASE_URL; any number of them."""
    from spindel.run import serving

    _serve_alone(lambda: serving.serve(serving.COLLECTOR))


def _serve_alone(serve: Callable[[], None]) -> None:
    from spindel.run.process import reserved_port

    _prepare_alone()
    host, port = environment.value("SPINDEL_HOST"), environment.number("SPINDEL_PORT")
    with reserved_port(host, port):
        serve()


@app.command()
def work() -> None:
    """Run the background work alone, on SPINDEL_DATABASE_URL; any number of them."""
    _prepare_alone()
    from spindel.run import worker

    worker.main()


def _prepare_alone() -> None:
    from spindel.kit import embedded, smtp
    from spindel.run.preparing import prepare
    from spindel.run.process import writable_home

    writable_home()
    smtp.server()  # what is wrong with it is said before anything starts
    url = os.environ.get("SPINDEL_DATABASE_URL") or embedded.url(environment.home())
    if not url:
        raise Problem(
            "There is no database: set SPINDEL_DATABASE_URL, or use `spindel serve`, which"
            " brings its own."
        )
    os.environ["SPINDEL_DATABASE_URL"] = url
    prepare(url)


# --- the demo -------------------------------------------------------------------------------------


@app.command()
def demo(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete this home's database and logins, start over.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before deleting.")] = False,
) -> None:
    """Run everything with Nordsko, a shoe shop with two years of history.

    The first start makes it, which takes a minute; later ones take seconds. Listens on 127.0.0.1
    only. Logins and keys are printed, and kept in SPINDEL_HOME/demo.json. Meanwhile a few customers
    an hour come by themselves; SPINDEL_DEMO_TRAFFIC=off keeps them away.
    """
    from spindel.demo import SELLER
    from spindel.demo.payments import opening
    from spindel.run.process import locked, writable_home
    from spindel.run.supervisor import Child, Supervisor, address

    lives = environment.switch("SPINDEL_DEMO_TRAFFIC")
    os.environ["SPINDEL_HOST"] = "127.0.0.1"
    os.environ.setdefault("SPINDEL_LOG", "error")
    home = writable_home()
    if fresh:
        with locked(home):
            _start_over(home, ask=not yes and sys.stdin.isatty())
    # The demo has a web shop of its own, to which mailed links lead.
    port = environment.number("SPINDEL_PORT")
    shop = f"http://127.0.0.1:{port}/shop"
    os.environ.setdefault("SPINDEL_SHOP_URL", shop)
    os.environ.setdefault("SPINDEL_SHOP_PAGES", f"SE={shop}/products/{{number}}?sku={{sku}}")
    for name, value in SELLER.items():
        os.environ.setdefault(name, value)
    opening.settle(address())
    print("Starting …", flush=True)
    traffic = Child("traffic", "spindel.run.traffic") if lives else None
    Supervisor(lambda url: _open_shop(home, url), traffic).run()
    print("Stopped.", flush=True)


def _start_over(home: Path, ask: bool) -> None:
    from spindel.kit import embedded

    if os.environ.get("SPINDEL_DATABASE_URL"):
        raise Problem(
            "--fresh deletes the embedded database only: empty SPINDEL_DATABASE_URL's yourself."
        )
    doomed = [
        home / name
        for name in ("postgres", "postgres.new", "run", "keys", "demo.json", "demo.part.json")
        if (home / name).exists()
    ]
    if not doomed:
        return
    names = ", ".join(path.name for path in doomed)
    print(f"This deletes the database, the keys and the logins in {home}: {names}.", flush=True)
    if ask and not typer.confirm("Delete them?"):
        raise Problem("Nothing was deleted.")
    embedded.stop(home)
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _open_shop(home: Path, url: str) -> None:
    _django()
    from spindel.demo import loading

    try:
        if loading.is_made(home):
            loading.tell(home, url)
            loading.open_day()
        else:
            loading.make(home, url)
    except loading.NotADemo:
        raise Problem(
            f"{home} holds data that is not the demo's: set SPINDEL_HOME to another folder,"
            " or start over with `spindel demo --fresh`."
        ) from None
    print(loading.story_of(home), flush=True)
    print("\nCtrl-C stops it.", flush=True)


@app.command()
def play(
    pace: Annotated[float, typer.Option(min=0.1, help="2 is twice as fast.")] = 1.0,
) -> None:
    """Play a shopper live against the demo that runs: from an ad to an exchange abroad."""
    from spindel.run.process import database_at_hand

    home = environment.home()
    if not (home / "demo.json").exists():
        raise Problem("No demo runs here: start one with `spindel demo` in another terminal.")
    with database_at_hand():
        _django()
        from spindel.demo.doors import NotRunning
        from spindel.demo.playing import play as touches

        try:
            for line in touches(home, pace):
                print(line, flush=True)
        except NotRunning:
            raise Problem("The demo does not answer: is it running in another terminal?") from None


# --- files ----------------------------------------------------------------------------------------


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or Parquet.")],
    source: Annotated[str, typer.Option(help="Whose facts they are: see `spindel source list`.")],
    mapping: Annotated[
        str, typer.Option(help="What the columns mean: a .yml, or the name of one that ships.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be kept, and write nothing.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Stop after as many rows, or orders.")
    ] = None,
    reject: Annotated[
        Path | None, typer.Option(help="Where rejected rows go (default: <file>.rejected.csv).")
    ] = None,
) -> None:
    """Import a file of events, customers or orders.

    Safe to run again: nothing is counted twice, and one that was interrupted goes on where it was.
    """
    with _domain():
        from spindel.collect.files import run_import

        run_import(file, source, mapping, dry_run=dry_run, limit=limit, rejects=reject)


@catalogue_app.command("import")
def import_products(
    file: Annotated[Path, typer.Argument(help="CSV, or Google's product feed as XML or TSV.")],
    full: Annotated[
        bool, typer.Option("--full", help="Remove what the file does not name.")
    ] = False,
    language: Annotated[str, typer.Option(help="Of its texts: sv, da or en.")] = "sv",
    market: Annotated[str, typer.Option(help="Of its prices: a country such as SE.")] = "SE",
    encoding: Annotated[
        str, typer.Option(help="Such as windows-1252, where it is not UTF-8 or UTF-16.")
    ] = "",
    remove_at_most: Annotated[
        str,
        typer.Option(help="With --full: if a larger share of the variants would go, none does."),
    ] = "20%",
) -> None:
    """Take in products with their variants and prices; again, nothing changes.

    Rows that can't be taken are printed, and the others kept.
    """
    share = remove_at_most.removesuffix("%").strip()
    if not (share.isascii() and share.isdigit() and int(share) <= 100):
        raise Problem(f"--remove-at-most is a share such as 20%, not {remove_at_most}.")
    with _domain():
        from spindel.catalogue.feeds import Feed
        from spindel.catalogue.importing import import_feed
        from spindel.staff import audit

        try:
            with file.open("rb") as opened:
                feed = Feed(language, market.upper(), encoding)
                report = import_feed(opened, feed, full=full, remove_at_most=int(share))
        except OSError as error:
            raise Problem(f"{file} can't be read: {error.strerror}.") from None
        audit.note("command line", "catalogue.imported", detail={"name": file.name[:100]})
    for place, sku, why in report.refused[:_MOST_REFUSALS]:
        print(f"row {place}, {sku or 'no SKU'}: {why}", file=sys.stderr)
    if report.refusals > _MOST_REFUSALS:
        print(f"… and {report.refusals - _MOST_REFUSALS} more rows.", file=sys.stderr)
    if report.ignored:
        print(f"Columns that mean nothing here: {', '.join(report.ignored)}.", file=sys.stderr)
    print(
        f"{report.rows} rows: {report.created} products new, {report.changed} changed,"
        f" {report.unchanged} as they were; {report.removed} variants removed,"
        f" {report.refusals} rows not taken."
    )
    if report.left:
        print(f"Nothing was removed: {report.left}", file=sys.stderr)
    if report.problem:
        raise Problem(f"{file} was not read to its end: {report.problem}")


_MOST_REFUSALS = 50


# --- people, sources, tokens ----------------------------------------------------------------------


@app.command()
def createadmin(
    email: Annotated[str, typer.Option(prompt="E-mail", help="What she logs in with.")],
    name: Annotated[str, typer.Option(prompt="Name", help="What the others see.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make a login for an administrator."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _domain():
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email
        from django.db import IntegrityError

        from spindel.staff.actions import create_user
        from spindel.staff.models import Role

        try:
            validate_email(email)
            create_user(email, password, Role.ADMIN, name)
        except ValidationError as error:
            raise Problem(" ".join(error.messages)) from None
        except IntegrityError:
            raise Problem(f"{email} has a login already.") from None
    print(f"{email} can log in.")


@source_app.command("add")
def add_source(
    slug: Annotated[str, typer.Argument(help="A short name, such as web-shop.")],
    kind: Annotated[
        str, typer.Option(help="web, app, pos, erp, crm, mail, ads, call_centre, other")
    ],
    channel: Annotated[
        str, typer.Option(help="web, app, store, phone, chat, email, sms, social, other")
    ],
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    country: Annotated[str, typer.Option(help="Of phone numbers written without one.")] = "SE",
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Its word on a customer beats that of others.")
    ] = False,
    rate: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Messages a second, for each process that collects. Unless it is said, "
            f"{PUBLIC_RATE:,} where the source is not trusted, as its key is public.",
        ),
    ] = None,
) -> None:
    """Connect a source, and print its write key."""
    with _domain():
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_slug
        from django.db import IntegrityError

        from spindel.collect.actions import SourceSettings, create_source
        from spindel.timeline.models import Channel, SourceKind

        try:
            validate_slug(slug)
            settings = SourceSettings(
                name or slug,
                SourceKind(kind),
                Channel(channel),
                country=country.upper(),
                trusted=trusted,
                rate_limit=rate or (None if trusted else PUBLIC_RATE),
            )
            _, key = create_source(slug, settings)
        except ValidationError as error:
            raise Problem(" ".join(error.messages)) from None
        except ValueError as error:
            raise Problem(f"{error}: see `spindel source add --help`.") from None
        except IntegrityError:
            raise Problem(f"There is a source {slug} already.") from None
    print(key.key)


@source_app.command("list")
def list_sources() -> None:
    """Print the sources with their write keys."""
    with _domain():
        from spindel.timeline.models import Source

        for source in Source.objects.order_by("slug").prefetch_related("write_keys"):
            keys = [key.key for key in source.write_keys.all() if key.revoked_at is None]
            print(f"{source.slug:20} {source.kind:12} {source.channel:8} {' '.join(keys)}")


@source_app.command("plan")
def plan_source(
    slug: Annotated[str, typer.Argument(help="Which source: see `spindel source list`.")],
    file: Annotated[
        Path | None, typer.Argument(help="A tracking plan, YAML or JSON. Without: print it.")
    ] = None,
) -> None:
    """Say what a source should send, or print what has been said."""
    with _domain():
        from spindel.collect import plan as plans
        from spindel.collect.actions import keep_plan
        from spindel.collect.models import TrackingPlan
        from spindel.timeline.models import Source

        source = Source.objects.filter(slug=slug).first()
        if source is None:
            raise Problem(f"There is no source {slug}: see `spindel source list`.")
        if file is not None:
            try:
                plan = plans.parse(file.read_bytes())
            except OSError as error:
                raise Problem(f"{file} can't be read: {error.strerror}.") from None
            except plans.BadPlan as error:
                raise Problem(str(error)) from None
            keep_plan(source, plan, "command line")
            print(f"The plan of {slug} has {len(plan)} events.")
            return
        row = TrackingPlan.objects.filter(source=source).exclude(document=None).first()
        if row is None:
            raise Problem(f"{slug} has no plan: give a file, or learn one on its page.")
        print(plans.to_yaml(plans.from_document(row.document)), end="")


# --- offers in files ------------------------------------------------------------------------------


@app.command("plan")
def plan_offers(
    files: Annotated[list[Path] | None, typer.Argument(help="YAML: see docs/offers.md.")] = None,
    export: Annotated[
        bool, typer.Option("--export", help="Print all offers as such a file, and plan nothing.")
    ] = False,
) -> None:
    """Show what `spindel apply` would do with offers, and do nothing."""
    if export == bool(files):
        raise Problem("Give files of offers, or --export.")
    with _domain():
        from spindel.offers import files as offer_files

        if export:
            print(offer_files.export(), end="")
            return
        try:
            planned = offer_files.plan(offer_files.read(_read_all(files or [])))
        except offer_files.BadFile as error:
            raise Problem(str(error)) from None
        _show_plan(planned)


@app.command("apply")
def apply_offers(
    files: Annotated[list[Path], typer.Argument(help="YAML: see docs/offers.md.")],
    by: Annotated[str, typer.Option(help="Who has them so: it stands with each version.")] = "",
    why: Annotated[str, typer.Option(help="Why; such as the commit.")] = "",
) -> None:
    """Have offers say and do what files say, all of it or nothing; again, nothing changes."""
    with _domain():
        from spindel.kit.refusal import Refusal
        from spindel.kit.saying import in_words
        from spindel.offers import files as offer_files

        try:
            declared = offer_files.read(_read_all(files))
            done = offer_files.apply(declared, (by or "command line")[:254], why[:300])
        except offer_files.BadFile as error:
            raise Problem(str(error)) from None
        except Refusal as no:
            raise Problem(in_words(no)) from None
        _show_plan(done)


_LARGEST_FILE = 5_000_000  # bytes


def _read_all(files: Sequence[Path]) -> dict[str, bytes]:
    found = {}
    for file in files:
        try:
            if file.stat().st_size > _LARGEST_FILE:
                raise Problem(f"{file} is larger than {_LARGEST_FILE // 1_000_000} MB.")
            found[str(file)] = file.read_bytes()
        except OSError as error:
            raise Problem(f"{file} can't be read: {error.strerror}.") from None
    return found


_SIGNS = {"new": "+", "changed": "~", "stopped": "-", "same": "="}


def _show_plan(planned: Sequence[Planned]) -> None:
    for one in planned:
        print(f"{_SIGNS[one.what]} {one.key}: {one.what}")
        for field in one.fields:
            before, after = (
                "–" if value is None else json.dumps(value, ensure_ascii=False)  # nothing
                for value in (field.before, field.after)
            )
            print(f"    {field.path}: {before} → {after}")
    counts = Counter(str(one.what) for one in planned)
    print(", ".join(f"{counts[what]} {what}" for what in _SIGNS) + ".")


@token_app.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="Which machine it is for.")],
    scope: Annotated[
        list[str], typer.Option(help="Such as customers:read or catalogue:write; once for each.")
    ],
) -> None:
    """Make an API token, and print it this once."""
    with _domain():
        from spindel.staff.actions import create_token
        from spindel.staff.models import Scope

        try:
            scopes = [Scope(one) for one in scope]
        except ValueError as error:
            raise Problem(f"{error}: see `spindel token add --help`.") from None
        _, secret = create_token(name, scopes, None)
    print(secret)


# --- looking after it -----------------------------------------------------------------------------


@app.command()
def doctor() -> None:
    """Say what is configured, reachable and lagging; status 1 when something is wrong."""
    from spindel.run.doctor import examine

    if not examine():
        raise typer.Exit(1)


@app.command("audit")
def audit(
    customers: Annotated[int, typer.Option(min=0, max=1_000, help="Besides those promised.")] = 10,
    products: Annotated[int, typer.Option(min=1, max=10_000, help="Besides those on offer.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed asks about the same ones.")] = 0,
    feed: Annotated[str, typer.Option(help="A file or address that others publish.")] = "",
    market: Annotated[str, typer.Option(help="Of which country that file is.")] = "SE",
    ahead: Annotated[bool, typer.Option(help="Offers in each other's way, instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it as JSON.")] = False,
) -> None:
    """Ask every channel what goods cost whom, and tell each difference; status 1 when there is one.

    Asks about what is promised and on offer, and about a sample of the rest; or compares what
    another system publishes.
    """
    with _domain():
        from spindel.run import audit as command

        if ahead:
            differing = command.ahead(as_json)
        elif feed:
            differing = command.published(feed, market, as_json)
        else:
            differing = command.audit(customers, products, seed, as_json)
    if differing:
        raise typer.Exit(1)


@stock_app.command("verify")
def verify_stock() -> None:
    """Prove every level of stock by its movements; status 1 when one does not add up.

    Nothing is repaired: what is wrong is put right by counting.
    """
    with _domain():
        from spindel.commerce.stock import jobs
        from spindel.commerce.stock.reading import levels as reading_levels

        wrong = reading_levels.verify()
        jobs.keep(len(wrong))
        for one in wrong[:_MOST_WRONG]:
            print(
                f"variant {one.variant}, place {one.place}: on hand {one.on_hand}, moved"
                f" {one.on_hand_moved}; held {one.held}, moved {one.held_moved}, by holds"
                f" {one.held_by_holds}",
                file=sys.stderr,
            )
        check = reading_levels.last_check()
        levels = check.levels if check else 0
    print(f"{levels:,} levels, {len(wrong):,} that do not add up.")
    if wrong:
        raise typer.Exit(1)


_MOST_WRONG = 50


@club_app.command("verify")
def verify_club() -> None:
    """Prove the ledger of the club’s points; status 1 when something does not add up.

    Nothing is repaired: an administrator puts points right on the customer’s page.
    """
    with _domain():
        from spindel.club import verifying

        wrong, cards = verifying.verify(), verifying.members()
    for one in wrong[:_MOST_WRONG]:
        print(f"card {one.member}: {one.words}", file=sys.stderr)
    print(f"{cards:,} cards, {len(wrong):,} things that do not add up.")
    if wrong:
        raise typer.Exit(1)


@club_app.command("import")
def import_members(
    file: Annotated[Path, typer.Argument(help="CSV; docs/club.md says which columns.")],
    country: Annotated[
        str, typer.Option(help="Of telephone numbers without a country's code, such as SE.")
    ] = "",
) -> None:
    """Take in the members of a club that there was before; again, nothing changes.

    Rows that can't be taken are printed, and the others kept.
    """
    with _domain():
        from spindel.club.importing import import_members
        from spindel.staff import audit

        try:
            with file.open("rb") as opened:
                report = import_members(opened, "command line", country.upper())
        except OSError as error:
            raise Problem(f"{file} can't be read: {error.strerror}.") from None
        audit.note("command line", "club.imported", detail={"name": file.name[:100]})
    for row, why in report.refused[:_MOST_REFUSALS]:
        print(f"row {row}: {why}", file=sys.stderr)
    if report.refusals > _MOST_REFUSALS:
        print(f"… and {report.refusals - _MOST_REFUSALS} more rows.", file=sys.stderr)
    print(
        f"{report.rows} rows: {report.joined} members new, {report.there} there already,"
        f" {report.refusals} rows not taken."
    )
    if report.problem:
        raise Problem(f"{file} was not read to its end: {report.problem}")


@keys_app.command("rotate")
def rotate_keys(
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Make no new key, and forget all but the newest.")
    ] = False,
) -> None:
    """Make a new key, and seal with it what the former ones have sealed.

    The former keys go on unsealing until you run it again with --drop-old, a day later: by then
    nothing that was begun with them is under way. Keys that come from SPINDEL_VAULT_KEYS are
    changed there first.
    """
    with _domain():
        from spindel.kit import sealed, vault

        try:
            if not drop_old and not environment.value("SPINDEL_VAULT_KEYS"):
                vault.add_key()
            print(f"Sealed {sealed.reseal()} rows with the newest key.")
            if drop_old:
                vault.drop_old_keys()
                print("The former keys are gone.")
        except vault.CantUnseal:
            raise Problem(
                "Something is sealed with a key that is not here. Nothing was dropped:"
                " get the key back from a backup of SPINDEL_HOME/keys."
            ) from None
        except RuntimeError as error:
            raise Problem(str(error)) from None


@app.callback(invoke_without_command=True)
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
    import django

    django.setup()


def _domain() -> Any:  # Any: a context manager, whose module is only imported when it is needed
    """A database with its tables, and Django set up, for the while of a command."""
    import contextlib
    from collections.abc import Iterator

    from spindel.run.preparing import prepare
    from spindel.run.process import database_at_hand

    @contextlib.contextmanager
    def opened() -> Iterator[None]:
        with database_at_hand() as url:
            prepare(url)
            _django()
            try:
                yield
            finally:
                from django.db import connection

                connection.close()
                connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one

    return opened()
