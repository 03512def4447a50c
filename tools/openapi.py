"""Write the description of the API into docs/openapi.json, where a change of it is seen.

`python tools/openapi.py` does; it needs no database.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

PATH = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def described() -> str:
    """The description as /api/openapi.json answers it, to be read line by line."""
    from spindel.console.api import api  # where Django is set up

    return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "spindel.kit.settings"
    import django

    django.setup()
    PATH.write_text(described())


if __name__ == "__main__":
    main()
