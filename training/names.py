"""Names to put into training sentences, so that the model learns to read the sentence and not the name.

The four names of the name-swap test (Miller, Johnson, Müller, Schneider) are kept out on purpose.
"""

from __future__ import annotations

import random
import re

FIRST = (
    "Anna Ben Carla David Elena Felix Greta Hannah Ivan Julia Karim Laura Maria Nils Olga Paul Rosa Simon Tara Uwe "
    "Vera Walter Yusuf Zoe James Linda Robert Susan Michael Karen Thomas Nancy Charles Emily George Alice Peter "
    "Sarah Kevin Jürgen Sabine Stefan Petra Andreas Heike Markus Birgit Wolfgang Renate Katrin Dirk Ingrid Rolf"
).split()
LAST = (
    "Keller Brandt Vogel Lorenz Winkler Hartmann Seidel Arnold Pohl Engel Ritter Sommer Beck Frank Albrecht Busch "
    "Kuhn Simon Jansen Petersen Hoffmann Wagner Fischer Weber Becker Schulz Bauer Krause Lehmann Huber Kaiser "
    "Reinhardt Dietrich Sander Voss Thiel Ebert Noack Larsen Okafor Tanaka Novak Rossi Moreau Silva Haddad Demir "
    "Baker Carter Walsh Hughes Turner Cooper Brooks Reed Hayes Foster Bennett Coleman Perry Powell Fisher Ellis "
    "Sullivan Wallace Griffin Hicks Palmer Marsh Lowell Whitaker Donnelly Abbott Finch Garner Mercer Pruitt Sloan "
    "Vance Harlan Stokes Byrne Kowalski Nguyen Patel Kim Garcia Lindqvist Bergström Ivanova Petrov Costa Mbeki Sato "
    "Yilmaz Horvat Kovács Dubois Laurent Ferrari Romano Hansen Nielsen Virtanen O'Brien McAllister"
).split()
PUBLIC_PERSONS = (
    "Trump Musk Altman Merz Scholz Habeck Söder Weidel Lindner Macron Starmer Zuckerberg Bezos Nadella "
    "Huang Cook Meloni Kimmich Neuer Nagelsmann"
).split()
FULL_PERSONS = (
    "Donald Trump,Elon Musk,Sam Altman,Friedrich Merz,Olaf Scholz,Robert Habeck,Markus Söder,Emmanuel Macron,"
    "Keir Starmer,Mark Zuckerberg,Jeff Bezos,Tim Cook,Jensen Huang,Masayoshi Son,Ursula von der Leyen"
).split(",")
FIRMS = (
    "OpenAI,xAI,SoftBank,Tesla,SpaceX,Microsoft,Google,Meta,Apple,Amazon,Nvidia,Oracle,Anthropic,Siemens,Volkswagen,"
    "BMW,Bosch,SAP,Lufthansa,Telekom,Airbus,Boeing,Renault,Samsung,Sony,Netflix,Nordwerk,Helvion,Kontrast Media,"
    "Ostara,Lumetra,Brightwater,Calder Systems,Veltron,Pinecrest,Arvato,Norbank,Quellwerk,Solvia,Tarkon,Fennmark,"
    "Halden Group,Orbitec,Mirava,Castellan,Weserstahl,Inovia,Drayton Motors,Helix Labs,Kestrel AI"
).split(",")
CLUBS = (
    "Bayern München,Schalke 04,Werder Bremen,Union Berlin,Arsenal,Chelsea,Celtic,Hertha,Eintracht Frankfurt,Leeds,"
    "Everton,Hansa Rostock,Alba Berlin,Juventus,Ajax,Benfica,Dynamo Dresden,Blau-Weiß Kehl"
).split(",")
STATES_DE = "Frankreich,Polen,Japan,Kanada,China,Russland,Israel,Indien,Brasilien,Ungarn,Norwegen,Italien,Ägypten,Mexiko"
STATES_EN = "France,Poland,Japan,Canada,China,Russia,Israel,India,Brazil,Hungary,Norway,Italy,Egypt,Mexico"
ACTORS = ("Trump", "Musk", "OpenAI", "xAI", "SoftBank", "Altman", "Donald Trump", "Elon Musk", "Sam Altman")

PRONOUNS = frozenset(
    "he she it they him her his hers its their them himself herself itself who whom i you we me us one er sie ihn ihm "
    "ihr ihre sein seine ich wir".split()
)
TITLE = re.compile(r"^((?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen)\.|President|Senator|Herr|Frau|Präsident)\s+")


def person(rng: random.Random, *, full: bool) -> str:
    """Return a random person's name: invented mostly, a public figure at times."""
    if rng.random() < 0.15:
        return rng.choice(FULL_PERSONS if full else PUBLIC_PERSONS)
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}" if full else rng.choice(LAST)


def organisation(rng: random.Random, language: str) -> str:
    """Return a firm, a club or a state."""
    states = (STATES_DE if language == "de" else STATES_EN).split(",")
    return rng.choice(rng.choice((FIRMS, FIRMS, CLUBS, states)))


def is_name(mention: str) -> bool:
    """Say whether the mention is a proper name that another name can replace."""
    words = mention.split()
    return (
        0 < len(words) <= 4
        and words[0][0].isupper()
        and mention.lower() not in PRONOUNS
        and words[0].lower() not in {"the", "der", "die", "das"}
        and not any(c.isdigit() for c in mention)
    )


def other_name(mention: str, rng: random.Random) -> str:
    """Return a name of the same shape: title kept, one word for one word, full name for full name."""
    title = TITLE.match(mention)
    head = title.group(0) if title else ""
    bare = mention[len(head) :]
    tail = bare[-2:] if bare.endswith(("'s", "’s")) else ""
    if not head and rng.random() < 0.1:
        return rng.choice(ACTORS) + tail
    if not head and rng.random() < 0.1:
        return rng.choice(FIRMS) + tail
    return head + person(rng, full=len(bare.split()) > 1) + tail
