"""The script for web shops over HTTP, as a browser and what stands between ask for it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from spindel.kit import browser
from spindel.run.collect_app import CollectOnly
from spindel.run.front import Front


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))
    browser._keep.cache_clear()
    return tmp_path


@pytest.fixture
def built() -> browser.Script:
    script = browser.script()
    if script is None:
        pytest.skip("the browser code is not built: npm run build in clients/browser")
    return script


@pytest.fixture(params=["spindel collect", "spindel web", "spindel serve"])
async def client(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("SPINDEL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    app = {
        "spindel collect": CollectOnly,
        "spindel web": lambda: Front(collects=False),
        "spindel serve": lambda: Front(collects=True),
    }[request.param]()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://spindel.example"
    ) as client:
        yield client


async def test_the_newest_is_always_at_the_same_address(
    client: httpx.AsyncClient, built: browser.Script
) -> None:
    answer = await client.get("/spindel.js", headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == built.text
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"].startswith("public, max-age=300,")
    again = await client.get(
        "/spindel.js",
        headers={"accept-encoding": "identity", "if-none-match": answer.headers["etag"]},
    )
    assert again.status_code == 304
    assert again.content == b""


async def test_the_part_that_it_loads_is_the_one_that_it_names_and_small(
    client: httpx.AsyncClient, built: browser.Script
) -> None:
    part = browser.script(browser.DECIDE)
    assert part is not None
    assert part.version.encode() in built.text
    assert part.integrity.encode() in built.text
    for path in ("/spindel-decide.js", f"/spindel-decide.{part.version}.js"):
        answer = await client.get(path)
        assert answer.content == part.text
        assert answer.headers["access-control-allow-origin"] == "*"
    assert len(part.packed["gzip"]) <= 3 * 1024


async def test_any_page_may_check_its_integrity(
    client: httpx.AsyncClient, built: browser.Script
) -> None:
    answer = await client.get(f"/spindel.{built.version}.js")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    digest = hashlib.sha384(answer.content).digest()
    assert built.integrity == f"sha384-{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0", "gzip"),
        ("", None),
        ("zstd", None),
    ],
)
async def test_it_is_sent_as_small_as_the_browser_can_read(
    client: httpx.AsyncClient, built: browser.Script, accepted: str, encoding: str | None
) -> None:
    async with client.stream("GET", "/spindel.js", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) == len(raw)
    if encoding == "gzip":
        assert len(raw) <= 6 * 1024
        assert gzip.decompress(raw) == built.text
    elif encoding is None:
        assert raw == built.text


async def test_a_version_that_was_asked_for_is_there_after_an_upgrade(
    client: httpx.AsyncClient, built: browser.Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/spindel.{built.version}.js"
    assert (await client.get(path)).status_code == 200
    newer = browser.Script(b"newer", "0" * 12, {})
    monkeypatch.setattr(browser, "script", lambda name: newer)
    assert (await client.get("/spindel.js")).content == b"newer"
    assert (await client.get(path)).content == built.text
    half = next((Path(browser.environment.home()) / "browser").iterdir())
    half.write_bytes(built.text[:100])
    assert (await client.get(path)).status_code == 404


async def test_what_is_not_there_says_why(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await client.get("/spindel.ffffffffffff.js")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert (await client.post("/spindel.js")).status_code == 405
    monkeypatch.setattr(browser, "script", lambda name: None)
    answer = await client.get("/spindel.js")
    assert answer.status_code == 404
    assert "npm run build" in answer.json()["message"]


async def test_head_is_get_without_the_body(
    client: httpx.AsyncClient, built: browser.Script
) -> None:
    answer = await client.head("/spindel.js")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 1_000


def test_the_snippet_carries_the_key_and_the_hash(built: browser.Script) -> None:
    html = browser.snippet("https://crm.example.com/", 'key"><script>')
    assert html.startswith(
        f'<script async src="https://crm.example.com/spindel.{built.version}.js"'
    )
    assert f'integrity="{built.integrity}" crossorigin="anonymous"' in html
    assert 'data-write-key="key&quot;&gt;&lt;script&gt;"' in html
    assert len(re.findall("<script", html)) == 1
