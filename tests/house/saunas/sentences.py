from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence

SENTENCES = (
    Sentence(
        "Sauna Booked",
        lambda p: phrases.say("Booked a sauna for %(people)s", people=p.get("people")),
        Kind.BUYING,
    ),
)
