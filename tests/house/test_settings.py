"""The page about settings and the code say the same."""

import re
from pathlib import Path

from spindel.console import live
from spindel.kit.environment import SETTINGS
from spindel.run import serving
from spindel.shop import live_carts

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(SPINDEL_\w+)` \| (?:`(.*)`)? ?\| (.*) \|$", re.MULTILINE)


def test_every_setting_is_documented_as_it_is() -> None:
    documented = {
        name: (default, meaning)
        for name, default, meaning in ROW.findall((ROOT / "docs" / "settings.md").read_text())
    }
    assert documented == {
        setting.name: (setting.default, setting.meaning) for setting in SETTINGS.values()
    }


def test_the_code_reads_no_setting_that_is_not_listed() -> None:
    used = {
        name
        for path in (ROOT / "spindel").rglob("*.py")
        for name in re.findall(r"\bSPINDEL_[A-Z_]+\b", path.read_text())
    }
    assert used <= SETTINGS.keys()


def test_how_many_may_come_at_once_is_documented_as_it_is() -> None:
    page = " ".join((ROOT / "docs" / "settings.md").read_text().split())
    carts, pages = live_carts.MOST_STREAMS, live.MOST_STREAMS
    hers, colleagues = live_carts.MOST_OF_ONE, live.MOST_OF_ONE
    for said in (
        f"takes {serving.CONNECTIONS:,} connections",
        f"{carts} of them are live streams of shops' pages",
        f"{pages} of colleagues' pages",
        f"serve {2 * carts:,} and {2 * pages} streams",
        f"session has at most {hers}, and a colleague's login {colleagues},",
        f"has {serving.FILES:,} files open",
    ):
        assert said in page
    assert int(SETTINGS["SPINDEL_WEB_WORKERS"].default) == 2
    assert carts + pages + 500 <= serving.CONNECTIONS, "streams leave room for requests"
