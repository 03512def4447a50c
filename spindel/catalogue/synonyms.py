"""What a catalogue names in one language, by the words of three that people look for it with.

Feeds name colours and kinds of goods in English, or as their house does. Here stands what else they
are called, in the forms that people type: svart, svarta, sort, sorte.
"""

from __future__ import annotations

import functools

# A line is one meaning: goods that are called by any of the words before the bar are found by all
# of the line. With a hyphen a word is several.
_MEANINGS = """
black svart svarta sort sorte
blue blå blåa blått blåt
brown brun bruna brunt brune
cognac konjak konjaksbrun | brown brun bruna brune
cream kräm krämvit creme cremefarvet
gold guld guldig gylden
green grön gröna grönt grøn grønne grønt
grey gray grå gråa grått gråt
navy marinblå marineblå mörkblå mørkeblå | blue blå blåa blått blåt
olive oliv olivgrön olivengrøn | green grön gröna grøn grønne
pink rosa lyserød lyserøde
purple violet violett lila
red röd röda rött rød røde rødt
sand sandfärgad sandfarvet
silver sølv
teal petrol blågrön blågrøn
white vit vita vitt hvid hvide hvidt
yellow gul gula gult gule
sneakers sneaker gymnastikskor gymnastiksko | shoes shoe skor sko
boots boot stövlar stövel kängor känga støvler støvle | shoes shoe skor sko
sandals sandal sandaler | shoes shoe skor sko
loafers loafer | shoes shoe skor sko
pumps pump klackskor heels højhælede | shoes shoe skor sko
hiking vandring vandringskängor vandringsskor vandresko vandrestøvler | kängor shoes shoe skor sko
running löpning löparskor löpskor løb løbesko trainers | shoes shoe skor sko
rain-boots wellies gummistövlar gummistövel gummistøvler gummistøvle | shoes shoe skor sko
slippers slipper tofflor toffel inneskor tøfler hjemmesko | shoes shoe skor sko
kids children barn barnskor børn børnesko
women woman ladies dam damer damskor kvinna kvinnor dame damesko kvinder
men man gents herr herrar herrskor män herre herrer herresko mænd
unisex | women woman ladies dam damer damskor dame damesko men herr herrar herrskor herre herresko
leather läder skinn læder
suede mocka ruskind
wool ull uld
rubber gummi
"""


@functools.cache
def _by_name() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _MEANINGS.strip().splitlines():
        names, _bar, _others = line.partition("|")
        every = frozenset(line.replace("|", " ").replace("-", " ").split())
        for name in names.split():
            found[name.replace("-", " ")] = every | found.get(name, frozenset())
    return found


def meanings(value: str) -> set[str]:
    """What else a colour, a category, … is looked for by; nothing for what is not known here."""
    known, text = _by_name(), value.lower()
    return set().union(*(known.get(one, ()) for one in (text, *text.replace("/", " ").split())))
