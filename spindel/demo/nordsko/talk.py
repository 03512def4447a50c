"""What customers and agents write to each other in the chat."""

from random import Random

AGENTS = ("Elin", "Jonas", "Freja", "Mikkel", "Samira", "Pelle")

Dialogues = dict[str, tuple[tuple[str, ...], ...]]

# The customer speaks first, then they take turns.
_SOLD_OUT: Dialogues = {
    "sv-SE": (
        (
            "Hej! {shoe} i {size} är slut på webben, finns den i någon butik?",
            "Hej, jag tittar. Ja, {store} har ett par {size} kvar.",
            "Åh, kan ni lägga undan det till mig?",
            "Visst. Vilken e-post och vilket mobilnummer ska jag skriva på lappen?",
            "{email} och {phone}",
            "Tack, de ligger i kassan till stängning i morgon.",
        ),
        (
            "Hej, har ni {shoe} stl {size} någonstans? Slutsålda här",
            "Ett par i {store}. Vill du att jag reserverar?",
            "Ja tack! {email}, {phone}",
            "Klart. Välkommen in, vi håller dem till i morgon kväll.",
        ),
    ),
    "da-DK": (
        (
            "Hej, {shoe} i {size} er udsolgt online. Har I den i en butik?",
            "Hej, det tjekker jeg. Ja, der er ét par tilbage i {store}.",
            "Kan I lægge det til side til mig?",
            "Selvfølgelig. Hvilken mail og hvilket nummer skal jeg skrive på?",
            "{email}, {phone}",
            "Tak, det ligger ved kassen til lukketid i morgen.",
        ),
    ),
    "en-GB": (
        (
            "Hi, {shoe} in {size} is sold out online. Does any shop have it?",
            "Hello, let me look. {store} has one pair left.",
            "Could you keep it for me?",
            "Of course. Which e-mail and phone number may I put on it?",
            "{email} / {phone}",
            "Thanks, it is behind the till until closing time tomorrow.",
        ),
    ),
}
_PARCEL: Dialogues = {
    "sv-SE": (
        (
            "Hej, var är mitt paket? Order {order}",
            "Hej! Det lämnade lagret i går och bör vara hos ombudet i morgon.",
            "Okej, tack för snabbt svar",
            "Tack själv, hör av dig om det inte kommer.",
        ),
        (
            "Jag har inte fått någon avisering för {order}",
            "Jag ser att den är på väg. Får jag din e-post så skickar jag spårningen?",
            "{email}",
            "Skickat, ha en fin dag.",
        ),
    ),
    "da-DK": (
        (
            "Hvor er min pakke? Ordre {order}",
            "Hej, den er på vej og bør være i pakkeboksen i morgen.",
            "Tak!",
            "Selv tak, skriv endelig hvis den ikke dukker op.",
        ),
    ),
    "en-GB": (
        (
            "Where is my parcel? Order {order}",
            "Hi, it left our warehouse yesterday and should be with you tomorrow.",
            "Great, thank you",
            "You are welcome. Write again if it doesn't turn up.",
        ),
    ),
}
_FIT: Dialogues = {
    "sv-SE": (
        (
            "Är {shoe} små i storleken? Har {size} i vanliga fall",
            "Hej, lästen är normal. Är foten bred tar många en storlek upp.",
            "Då provar jag {size}",
            "Bra, och det går att byta i alla butiker i trettio dagar.",
        ),
        (
            "Tål {shoe} regn?",
            "Hej! Ja, om de impregneras ett par gånger om året.",
            "Perfekt, tack",
            "Tack för att du frågade.",
        ),
    ),
    "da-DK": (
        (
            "Er {shoe} små i størrelsen? Jeg bruger {size}",
            "Hej, de er normale, men har du en bred fod, så tag en størrelse op.",
            "Tak, det prøver jeg",
            "Du kan bytte i alle butikker i tredive dage.",
        ),
    ),
    "en-GB": (
        (
            "Does {shoe} run small? I usually take {size}",
            "Hello, it is true to size, though a wide foot may want one up.",
            "Then I'll try my usual",
            "You can exchange it in any shop within thirty days.",
        ),
    ),
}
TOPICS = {
    "sold out": _SOLD_OUT,
    "parcel": _PARCEL,
    "fit": _FIT,
}


def lines(dice: Random, topic: str, locale: str, **words: str) -> list[str]:
    return [text.format(**words) for text in dice.choice(TOPICS[topic][locale])]


RESERVED = {
    "sv-SE": "Dina skor väntar i {store}",
    "da-DK": "Dine sko venter i {store}",
    "en-GB": "Your shoes are waiting in {store}",
}
ORDERED = {
    "sv-SE": "Tack för din beställning {order}",
    "da-DK": "Tak for din bestilling {order}",
    "en-GB": "Thank you for your order {order}",
}
REVIEWS = {
    "sv-SE": (
        "Sköna från första dagen.",
        "Lite stora, annars fina.",
        "Håller bra, har gått i dem i två månader.",
        "Snygga, men sulan är hal när det är vått.",
        "Mina tredje i samma modell.",
    ),
    "da-DK": (
        "Bløde og lette.",
        "Lidt små i størrelsen.",
        "Holder godt, også i regnvejr.",
        "Pæne, men snørebåndene er for korte.",
    ),
    "en-GB": (
        "Comfortable straight out of the box.",
        "A touch wide for me, still lovely.",
        "Worn daily since spring, no complaints.",
    ),
}
