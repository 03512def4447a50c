"""The items of product feeds in XML: RSS 2.0 and Atom, whatever their size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.entities import html5
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import escape

from spindel.kit.tables import Unreadable, encoding_of, peeked, text_of

_LONGEST_ITEM = 200_000  # characters
_LONGEST_TAG = 1024 * 1024  # bytes of a tag or a comment, which the parser keeps in memory
_MOST_ELEMENTS = 500
_DEEPEST = 50
_CHUNK = 64 * 1024
_GOOGLE = "http://base.google.com/ns/1.0 "

Cells = dict[str, list[str]]


def items(file: IO[bytes], encoding: str | None = None) -> Iterator[Cells | str]:
    """Each item: its elements' texts by name, or what is wrong with it.

    Raises Unreadable where it is no XML, and for any document type: nothing is expanded or fetched.
    """
    parser = expat.ParserCreate("utf-8", " ")  # whatever the file says: it is decoded here
    parser.buffer_text = True
    found = _Items()
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    fed = 0
    for text in _chunks(file, encoding):
        chunk = text.encode()
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise Unreadable(
                f"It is not XML from line {error.lineno} on ({expat.ErrorString(error.code)})."
                " In a text, < is written &lt;."
            ) from None
        fed += len(chunk)
        if fed - max(0, parser.CurrentByteIndex) > _LONGEST_TAG:
            raise Unreadable(f"Near line {parser.CurrentLineNumber} is a tag of a megabyte.")
        yield from found.finished
        found.finished.clear()


def _refuse(*_: object) -> None:
    raise Unreadable("A feed has no document type and no entities of its own.")


# --- its text -------------------------------------------------------------------------------------

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_NO_CHARACTERS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOST = "\ufffd"  # stands for what is no character
_LITERAL = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}  # where an & means itself
_TOKEN = re.compile(
    r"<!\[CDATA\[|<!--|<\?|&(#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)?"
)
_LONGEST_TOKEN = 40
_OF_XML = ("amp;", "lt;", "gt;", "quot;", "apos;")


def _chunks(file: IO[bytes], encoding: str | None) -> Iterator[str]:
    """The text, ready to be parsed, and an empty one at its end."""
    head, file = peeked(file)
    if encoding is None and (declared := _DECLARED.search(head)):
        # Some write UTF-16 there, and then the file in UTF-8.
        name = declared[1].decode()
        encoding = None if name.lower().startswith("utf-16") else name
    stream = text_of(file, encoding or encoding_of(head), errors="replace")
    mended = Mended()
    start = True
    try:
        while chunk := stream.read(_CHUNK):
            chunk = _NO_CHARACTERS.sub(_LOST, chunk)
            if start:  # nothing may stand before the declaration, and yet it often does
                chunk = chunk.lstrip("\ufeff \t\r\n")
                start = not chunk
            if ready := mended.take(chunk):
                yield ready
    except UnicodeError:
        raise Unreadable("It is not of the encoding that it says.") from None
    if ready := mended.take("", last=True):
        yield ready
    yield ""


class Mended:
    """Writes an & that stands for itself as XML has it, and HTML's names as what they stand for."""

    def __init__(self) -> None:
        self._rest = ""
        self._literal = ""  # what ends the part that is left as it is

    def take(self, text: str, *, last: bool = False) -> str:
        """Take the next part of the text; what of it is ready."""
        text, done, at = self._rest + text, [], 0
        while True:
            if self._literal:
                end = text.find(self._literal, at)
                if end < 0:
                    # Its first characters may be there already.
                    stop = len(text) if last else max(at, len(text) - len(self._literal) + 1)
                    break
                end += len(self._literal)
                done.append(text[at:end])
                self._literal, at = "", end
                continue
            token = _TOKEN.search(text, at)
            near = max(at, len(text) - _LONGEST_TOKEN)
            if not last and (token is None or token.start() >= near):
                marks = [found for mark in "<&" if (found := text.find(mark, near)) >= 0]
                stop = min(marks, default=len(text))
                break
            if token is None:
                stop = len(text)
                break
            done.append(text[at : token.start()])
            at = token.end()
            if token[0] in _LITERAL:
                done.append(token[0])
                self._literal = _LITERAL[token[0]]
            else:
                done.append(_reference(token[0], token[1]))
        done.append(text[at:stop])
        self._rest = text[stop:]
        return "".join(done)


def _reference(whole: str, named: str | None) -> str:
    if named is None:
        return "&amp;"
    if named in _OF_XML:
        return whole
    if named.startswith("#"):
        number = int(named[2:-1], 16) if named[1] == "x" else int(named[1:-1])
        good = 0 < number <= 0x10FFFF and not _NO_CHARACTERS.match(chr(number))
        return whole if good else _LOST
    return escape(html5.get(named, f"&{named}"))


# --- its elements ---------------------------------------------------------------------------------


class _Items:
    """Gathers the elements within each item."""

    def __init__(self) -> None:
        self.finished: list[Cells | str] = []
        self._depth = 0
        self._item: Cells | None = None
        self._plain: set[str] = set()  # names of elements that are not Google's own
        self._item_depth = 0
        self._text: list[str] | None = None
        self._size = self._elements = 0
        self._lost = False

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("The elements are nested too deep.")
        if self._item is None:
            if _local(name) in ("item", "entry"):
                self._item, self._item_depth, self._size = {}, self._depth, 0
                self._plain, self._elements, self._lost = set(), 0, False
        elif self._depth == self._item_depth + 1:
            self._text = []

    def text(self, data: str) -> None:
        if self._text is not None and self._depth == self._item_depth + 1:
            self._size += len(data)
            self._lost |= _LOST in data
            if self._size <= _LONGEST_ITEM:
                self._text.append(data)

    def end(self, name: str) -> None:
        if self._item is not None:
            if self._depth == self._item_depth:
                self.finished.append(self._problem() or self._item)
                self._item = None
            elif self._depth == self._item_depth + 1 and self._text is not None:
                self._elements += 1
                if self._elements <= _MOST_ELEMENTS:
                    self._put(name, "".join(self._text))
                self._text = None
        self._depth -= 1

    def _problem(self) -> str:
        if self._size > _LONGEST_ITEM:
            return f"The item has more than {_LONGEST_ITEM:,} characters."
        if self._elements > _MOST_ELEMENTS:
            return f"The item has more than {_MOST_ELEMENTS} elements."
        if self._lost:
            return "It holds what is no character: say the file’s encoding, or save it as UTF-8."
        return ""

    def _put(self, name: str, text: str) -> None:
        """Keep a value: of elements of one name, Google's own go before those of RSS."""
        assert self._item is not None
        local = _local(name)
        if name.startswith(_GOOGLE):
            if local in self._plain:
                self._plain.discard(local)
                del self._item[local]
            self._item.setdefault(local, []).append(text)
        elif local not in self._item:
            self._plain.add(local)
            self._item[local] = [text]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
