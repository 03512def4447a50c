"""The page about settings and the code say the same."""

import re
from pathlib import Path

from spindel.kit.environment import SETTINGS

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
