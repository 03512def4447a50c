"""A real server in a process of its own, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.cache import cache

# Playwright's own event loop runs in this thread; the tests' few queries may run beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from tests.forks import fork
from tests.prepared import serve
from tests.run.running import free_port
from tests.telling import wait_until

CHROMIUM = os.environ.get("SPINDEL_TEST_CHROMIUM") or shutil.which("chromium") or ""
BUILT = Path(__file__).resolve().parents[2] / "spindel/kit/static/dist/versions.json"
# Each window would load the two pages of its own address bar, which takes half a second of a
# processor; and what Playwright leaves out, as of two such switches the last one holds.
_LEFT_OUT = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning", "AimEnabled"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "NetworkTimeServiceQuerying"),
)
ARGUMENTS = [
    f"--disable-features={','.join(_LEFT_OUT)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium():
    """A browser; the tests are skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine (SPINDEL_TEST_CHROMIUM)")
    if not BUILT.exists():
        pytest.skip("the browser code is not built: npm run build in clients/browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a running Spindel on this test's database."""
    cache.clear()
    with serving("/login/", tmp_path) as address:
        yield address


@contextmanager
def serving(path: str, logs: Path, *module: str) -> Iterator[str]:
    """The address of a process that serves (tests.prepared.serve), once it answers at the path."""
    port = free_port()
    process = fork(serve, port, str(logs / "server.log"), *module)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address + path), 30)
        yield address
    finally:
        assert process.pid
        os.killpg(process.pid, signal.SIGTERM)
        process.join(10)
        if process.is_alive():
            os.killpg(process.pid, signal.SIGKILL)
            process.join()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False
