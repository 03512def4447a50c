"""What Nordsko says of its shoes: what kind they are, and what they are made of."""

from spindel.demo.nordsko.catalogue import Product

Texts = tuple[str, str, str]  # Swedish, Danish, English

_KINDS: dict[str, Texts] = {
    "Sneakers": (
        "Sneakers från {} med snörning och mjuk innersula.",
        "Sneakers fra {} med snørebånd og blød indersål.",
        "Sneakers by {} with laces and a soft insole.",
    ),
    "Boots": (
        "Stövlar från {} med stadig sula och mjukt foder.",
        "Støvler fra {} med stabil sål og blødt for.",
        "Boots by {} with a steady sole and a soft lining.",
    ),
    "Sandals": (
        "Sandaler från {} med en fotbädd som formar sig efter foten.",
        "Sandaler fra {} med en fodseng, der former sig efter foden.",
        "Sandals by {} with a foot bed that takes the shape of your foot.",
    ),
    "Loafers": (
        "Loafers från {} att bara kliva i, med låg klack.",
        "Loafers fra {} til bare at træde i, med lav hæl.",
        "Loafers by {} to step right into, with a low heel.",
    ),
    "Pumps": (
        "Pumps från {} med vadderad innersula.",
        "Pumps fra {} med polstret indersål.",
        "Pumps by {} with a padded insole.",
    ),
    "Hiking": (
        "Kängor för vandring från {} med grov sula och stöd runt ankeln.",
        "Støvler til vandring fra {} med grov sål og støtte om anklen.",
        "Hiking boots by {} with a deep tread and support around the ankle.",
    ),
    "Running": (
        "Skor för löpning från {} med tjock, dämpande sula.",
        "Sko til løb fra {} med tyk, stødabsorberende sål.",
        "Shoes for running by {} with a thick, cushioning sole.",
    ),
    "Rain boots": (
        "Gummistövlar från {} med halksäker sula.",
        "Gummistøvler fra {} med skridsikker sål.",
        "Rain boots by {} with a sole that grips.",
    ),
    "Slippers": (
        "Tofflor från {} med ull inuti och tyst sula.",
        "Hjemmesko fra {} med uld indeni og lydløs sål.",
        "Slippers by {} with wool inside and a quiet sole.",
    ),
    "Kids": (
        "Skor för barn från {}, lätta att ta på själv.",
        "Sko til børn fra {}, lette at tage på selv.",
        "Shoes for kids by {}, easy to put on alone.",
    ),
}

_MADE_OF: dict[str, Texts] = {
    "leather": (
        "Ovandelen är av skinn: putsa den då och då.",
        "Overdelen er af læder: puds den en gang imellem.",
        "The upper is leather: polish it now and then.",
    ),
    "suede": (
        "Ovandelen är av mocka: impregnera den innan det regnar.",
        "Overdelen er af ruskind: imprægner den, før det regner.",
        "The upper is suede: waterproof it before it rains.",
    ),
    "nubuck": (
        "Ovandelen är av nubuck: borsta den när den är torr.",
        "Overdelen er af nubuck: børst den, når den er tør.",
        "The upper is nubuck: brush it when it is dry.",
    ),
    "canvas": (
        "Ovandelen är av bomullsduk: tvätta den för hand.",
        "Overdelen er af bomuldslærred: vask den i hånden.",
        "The upper is cotton canvas: wash it by hand.",
    ),
    "mesh": (
        "Ovandelen är av luftig väv och torkar fort.",
        "Overdelen er af luftigt stof og tørrer hurtigt.",
        "The upper is an airy mesh and dries fast.",
    ),
    "rubber": (
        "De är gjorda av naturgummi och håller vattnet ute.",
        "De er lavet af naturgummi og holder vandet ude.",
        "They are made of natural rubber and keep the water out.",
    ),
    "felt": (
        "De är gjorda av tovad ull: vädra dem hellre än att tvätta dem.",
        "De er lavet af filtet uld: luft dem hellere end at vaske dem.",
        "They are made of felted wool: air them rather than washing them.",
    ),
}

_USUALLY = {"Hiking": "nubuck", "Running": "mesh", "Rain boots": "rubber", "Slippers": "felt"}
_EXCEPT = {
    "canvas": ("marstrand", "majorna", "hono", "styrso", "blabar"),
    "suede": ("oresund", "norrebro", "dalarna", "visby", "aarhus", "roskilde", "avenyn"),
    "nubuck": ("kiruna", "tromso", "mon"),
    "leather": ("sarek", "rondane"),
    "mesh": ("abisko", "igelkott"),
    "rubber": ("grodan",),
}
_MATERIAL = {slug: material for material, slugs in _EXCEPT.items() for slug in slugs}


def material(product: Product) -> str:
    """What it is mostly made of."""
    return _MATERIAL.get(product.id) or _USUALLY.get(product.category, "leather")


def texts(product: Product) -> dict[str, str]:
    """Two sentences about it, by language."""
    kinds, made_of = _KINDS[product.category], _MADE_OF[material(product)]
    return {
        language: f"{kind.format(product.brand)} {made}"
        for language, kind, made in zip(("sv", "da", "en"), kinds, made_of, strict=True)
    }
