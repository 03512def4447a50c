"""What is seen of a content: in a language, on a screen. Pure; what it leaves out it says."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.decide.contents import Part, Picture, Says, Screen
from spindel.decide.ranking import Choice


@dataclass(frozen=True, slots=True)
class Seen:
    """A content in a language, on a screen. `without` are the parts that it leaves out there, of
    those that it has: text, picture, link.
    """

    title: str
    text: str
    link: str
    alt: str
    picture: Picture | None
    without: list[str]


def seen(says: Says, language: str, screen: Screen) -> Seen:
    """What is seen of it."""
    words, shown = says.in_language(language), says.on(screen)
    out = shown.leaves_out

    def there(part: Part, value: str) -> str:
        return "" if part in out else value

    return Seen(
        title=words.title,
        text=there(Part.TEXT, words.text),
        link=there(Part.LINK, words.link or ""),
        alt=there(Part.PICTURE, words.alt),
        picture=None if Part.PICTURE in out else shown.picture,
        without=sorted(out & _has(says, language)),
    )


def _has(says: Says, language: str) -> set[Part]:
    """What it has, on any screen."""
    words = says.in_language(language)
    told = (
        (Part.TEXT, bool(words.text)),
        (Part.LINK, words.link is not None),
        (Part.PICTURE, any(one.picture for one in says.screens.values())),
    )
    return {part for part, has in told if has}


@dataclass(frozen=True, slots=True)
class Shown(Seen):
    """The same of one that somebody sees: which content, its version, and the offer that it is
    about.
    """

    key: str
    version: int
    offer: str


def shown(choice: Choice, language: str, screen: Screen) -> Shown:
    """What somebody sees of what was chosen for her."""
    content = choice.content
    look = seen(content.says, language, screen)
    return Shown(
        look.title,
        look.text,
        look.link,
        look.alt,
        look.picture,
        look.without,
        content.key,
        content.version,
        content.says.offer,
    )
