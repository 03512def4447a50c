"""Take docs/screenshots/customer.png from a running demo, in a real Chromium.

With `make demo` in one terminal: `.venv/bin/python tools/screenshot.py` in another.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "screenshots" / "customer.png"
HEROINE = "email:anna@example.com"


def page_of(demo: dict[str, str], identifier: str) -> str:
    """The address of the page of the customer who has the identifier."""
    request = urllib.request.Request(  # noqa: S310  # the demo's own address
        f"{demo['url']}/api/customers?identifier={identifier}",
        headers={"Authorization": f"Bearer {demo['api_token']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # the same
        return f"{demo['url']}/customers/{json.load(answer)['items'][0]['id']}/"


def main() -> int:
    """Log in as the agent and take the picture; the exit status."""
    home = Path(os.environ.get("SPINDEL_HOME") or "var")
    chromium = os.environ.get("SPINDEL_TEST_CHROMIUM") or shutil.which("chromium")
    try:
        demo = json.loads((home / "demo.json").read_text())
    except FileNotFoundError:
        print("No demo runs here: start one with make demo in another terminal.")
        return 1
    login = demo["logins"]["agent"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.goto(f"{demo['url']}/login/")
        page.fill("input[name=login]", login["email"])
        page.fill("input[name=password]", login["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{demo['url']}/")
        page.goto(page_of(demo, HEROINE))
        page.get_by_text("live", exact=True).wait_for()
        page.wait_for_timeout(500)  # the fonts
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
