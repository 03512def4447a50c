"""What a process needs of the machine: a home, a port, and not to outlive whoever started it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from spindel.kit import embedded, environment

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class Problem(Exception):
    """What the person at the keyboard can put right; its text is one line that says how."""


def writable_home() -> Path:
    """SPINDEL_HOME, made if need be. Raises Problem when nothing can be written there."""
    home = environment.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"{home} can't be written to ({error.strerror}):"
            " set SPINDEL_HOME to a folder that you may write to."
        ) from None
    return home


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Have the home for oneself. Raises Problem when another process has it.

    The lock is the kernel's, so it goes when the process does, however it ends.
    """
    with _lock_file(home) as file:
        if not _try_lock(file):
            raise Problem(
                f"Spindel already runs on {home} (process {file.read().strip() or 'unknown'}):"
                " stop it first, or set SPINDEL_HOME to another folder."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock_file(home: Path) -> IO[str]:
    path = home / "lock"
    path.touch(mode=0o600)
    return path.open("r+")


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def database_at_hand() -> Iterator[str]:
    """The database's URL, for a command that comes and goes.

    The embedded server is started for the while, unless it runs: then whoever has locked the home
    goes on running it.
    """
    given = os.environ.get("SPINDEL_DATABASE_URL")
    if given:
        yield given
        return
    home = writable_home()
    with _lock_file(home) as file:
        if _try_lock(file):
            with embedded.running(home) as url:
                yield url
            return
    deadline = time.monotonic() + 30
    while (there := embedded.url(home)) is None:
        if time.monotonic() > deadline:
            raise Problem(f"The database in {home} does not come up: see {home}/postgres/log.")
        time.sleep(0.1)
    os.environ["SPINDEL_DATABASE_URL"] = there
    yield there


@contextlib.contextmanager
def reserved_port(host: str, port: int) -> Iterator[None]:
    """Keep the port for the processes started meanwhile. Raises Problem when it is taken.

    The servers listen with SO_REUSEPORT, which would let two Spindels share a port in silence. So
    it is bound here first without; only then are sockets that ask for it let in beside.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise Problem(
            f"There is no address {host}:{port} here: set SPINDEL_HOST and SPINDEL_PORT to one"
            " of this machine's."
        ) from None
    with socket.socket(family) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(held, address, port)
        if sys.platform == "linux":
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        else:
            held.close()  # elsewhere the server binds one socket itself, and says if it can't
        yield


def _bind(held: socket.socket, address: object, port: int) -> None:
    # A predecessor that was killed may still be on its way out.
    deadline = time.monotonic() + 1.5
    while True:
        try:
            return held.bind(address)  # type: ignore[arg-type]  # the address is the family's own
        except OverflowError:
            raise Problem(f"SPINDEL_PORT is {port}: set it to 1 to 65535.") from None
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Problem(
                    f"You may not listen on port {port}: set SPINDEL_PORT to one above 1023."
                ) from None
            if time.monotonic() > deadline:
                raise Problem(
                    f"Port {port} is taken: stop what listens there,"
                    " or set SPINDEL_PORT to another one."
                ) from None
            time.sleep(0.1)


def die_with(parent: int) -> None:
    """Be killed when the parent process ends, however it ends (where the kernel can do that)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind (where the kernel can do that)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reap(known: set[int]) -> None:
    """Take the exit status of ended children that nobody else waits for.

    A server that was killed would otherwise stay in the process table, and pass for running.
    """
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in known:
                return
            os.waitpid(ended.si_pid, 0)
