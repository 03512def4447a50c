"""All about a customer, as one JSON file and as one page that she can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import chain

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from spindel.identity import forgetting
from spindel.kit.register import Holding, Subject, holdings
from spindel.privacy.models import Export, ExportPart

FORMATS = {"json": "application/json", "html": "text/html; charset=utf-8"}

_PIECE = 200_000  # characters that are sealed together
_AT_ONCE = 20  # pieces


def write(export: Export) -> None:
    """Put the files into the export, in its language; begun before, it begins anew.

    Raises customers.NotFound, and IntegrityError when the export goes meanwhile.
    """
    ExportPart.objects.filter(export=export).delete()
    who = forgetting.subject(export.customer)
    now = timezone.now()
    with translation.override(export.language):
        rows = _keep(export, "json", _json(who, now))
        _keep(export, "html", _html(who, now))
    done = {"state": Export.State.DONE, "done_at": timezone.now(), "rows": rows}
    Export.objects.filter(pk=export.pk).update(**done)


def read(export: Export, format: str) -> Iterator[str]:
    """A file of the export, piece by piece."""
    parts = ExportPart.objects.filter(export=export, format=format).order_by("number")
    for number in parts.values_list("number", flat=True):
        yield parts.get(number=number).text


def _keep(export: Export, format: str, texts: Iterable[str]) -> int:
    """Keep the texts in pieces; how many texts there were."""
    waiting: list[ExportPart] = []
    count = number = size = 0
    piece: list[str] = []
    for text in chain(texts, [None]):
        if text is not None:
            piece.append(text)
            size += len(text)
            count += 1
            if size < _PIECE:
                continue
        waiting.append(ExportPart(export=export, format=format, number=number, text="".join(piece)))
        number, size, piece = number + 1, 0, []
        if text is None or len(waiting) == _AT_ONCE:
            ExportPart.objects.bulk_create(waiting)
            waiting = []
    return count


# --- JSON -----------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    """What JSON has no word for."""
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _json(who: Subject, now: datetime) -> Iterator[str]:
    yield f'{{"made_at": "{now.isoformat()}", "customer": {who.customer}, "holdings": ['
    for place, holding in enumerate(holdings()):
        heading = json.dumps(str(holding.name), ensure_ascii=False)
        yield f'{"," if place else ""}\n{{"name": {heading}, "items": ['
        for number, item in enumerate(holding.tell(who)):
            text = json.dumps(item, ensure_ascii=False, default=_plain)
            yield f"{',' if number else ''}\n{text}"
        yield "]}"
    yield "]}\n"


# --- a page ---------------------------------------------------------------------------------------


def _html(who: Subject, now: datetime) -> Iterator[str]:
    page = render_to_string("privacy/told.html", {"now": now, "customer": who.customer})
    start, end = page.split("<!-- all -->")
    yield start
    for number, holding in enumerate(holdings()):
        yield from _section(number, holding, who)
    yield end


def _section(number: int, holding: Holding, who: Subject) -> Iterator[str]:
    yield format_html('<section><h2 id="s{}">{}</h2>', number, holding.name)
    empty = True
    for item in holding.tell(who):
        if empty:
            yield "<dl>"
        empty = False
        yield _entry(item, holding.say or _first_values)
    yield (
        format_html("<p>{}</p></section>", translation.gettext("Nothing."))
        if empty
        else ("</dl></section>")
    )


def _entry(
    item: Mapping[str, object], say: Callable[[Mapping[str, object]], SafeString]
) -> SafeString:
    """An item as a line in words, with all of it folded below."""
    shown = [(name, value) for name, value in item.items() if value not in (None, "", {}, [])]
    at = item.get("at") or item.get("last_at") or item.get("since")
    return format_html(
        "<dt>{}{}</dt><dd><details><summary>{}</summary><table>{}</table></details></dd>",
        format_html("<time>{}</time> ", _readable(at)) if at else "",
        say(item),
        translation.gettext("All of it"),
        format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td></tr>",
            ((name.replace("_", " "), _readable(value)) for name, value in shown),
        ),
    )


def _first_values(item: Mapping[str, object]) -> SafeString:
    told = [_readable(item[name]) for name in ("kind", "name", "value") if item.get(name)]
    return format_html("{}", " · ".join(told))


def _readable(value: object) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)
