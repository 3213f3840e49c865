"""Who else in a sentence could be meant by "he" or "the two": a person who is not of the watchlist.

Caution by signs, not by knowledge: two capital words side by side, a title before a name, a word for a human being.
A sign too many costs a sentence; a sign too few would put words into somebody's mouth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_EN_HUMANS = (
    "adviser|advisor|aide|ally|analyst|attorney|billionaire|boss|brother|candidate|chairman|chief|colleague|"
    "congressman|critic|economist|employee|executive|founder|friend|governor|host|investor|journalist|judge|justice|"
    "lawmaker|lawyer|leader|man|mayor|minister|moderator|nominee|officer|official|opponent|partner|"
    "politician|predecessor|president|professor|prosecutor|reporter|researcher|rival|scientist|senator|son|"
    "spokesman|spokesperson|successor|treasurer|veteran|worker|chancellor|ceo|engineer|manager|director"
)
_DE_HUMANS = (
    "Abgeordnete|Aktionär|Analyst|Angestellte|Anhänger|Anwalt|Aufseher|Beamte|Berater|Botschafter|Bruder|"
    "Bürgermeister|Chef|Entwickler|Experte|Forscher|Freund|Gegner|Geschäftsführer|Gouverneur|Gründer|Ingenieur|"
    "Investor|Journalist|Kandidat|Kanzler|Kollege|Konkurrent|Kontrahent|Kritiker|Leiter|Manager|Mann|"
    "Milliardär|Minister|Mitarbeiter|Moderator|Nachfolger|Ökonom|Partner|Politiker|Präsident|Professor|Reporter|"
    "Richter|Rivale|Sender|Senator|Sohn|Sprecher|Staatsanwalt|Unternehmer|Vater|Verbündete|Verteidiger|Vertraute|"
    "Vorgänger|Vorsitzende|Vorstand|Wissenschaftler"
)
_HUMAN = {
    "en": re.compile(
        rf"\b(?:an?|his|her|their|the|one|another|former|its|[\w-]+['’]s?) (?:[\w-]+ ){{0,2}}(?:{_EN_HUMANS})\b"
        rf"|\b(?:mr|mrs|ms|dr|sir|senator|president|judge|justice|chancellor|secretary|minister|governor)\.? [A-Z]",
        re.IGNORECASE,
    ),
    "de": re.compile(rf"\b\w*(?:{_DE_HUMANS})(?:e[nrms]?|n|s|in|innen)?\b", re.IGNORECASE),
}
# Two capital words side by side are a name, unless they are one of these.
_PLACES = re.compile(
    r"\b(?:White House|Wall Street|New York(?: Times)?|United States|Supreme Court|Silicon Valley|Oval Office|"
    r"Truth Social|Capitol Hill|San Francisco|Los Angeles|Palo Alto|Big Tech|Fox News|Washington Post|Las Vegas|"
    r"Mar-a-Lago|Saudi Arabia|United Kingdom|European Union|Middle East|Air Force One|Big Beautiful Bill|"
    r"Wei(?:ß|ss)e[nrms]? Haus(?:es)?|Vereinigte[nr]? Staaten|Oberste[nrs]? Gericht\w*|Kapitol|"
    r"Nahe[nr]? Osten|Europäische[nr]? Union)\b"
)
_TWO_CAPITALS = re.compile(r"\b[A-ZÄÖÜ][\w'’.-]*[a-zäöüß] [A-ZÄÖÜ][\w-]*[a-zäöüß]")
_IN_A_PLACE = re.compile(r"\b(?:in|im) [A-ZÄÖÜ][\w.-]*(?: [A-ZÄÖÜ][\w-]+)*")
_DE_TITLE_BEFORE_NAME = re.compile(r"\b[A-ZÄÖÜ]\w+(?:minister|chef|kanzler|präsident|senator)\w* [A-ZÄÖÜ]")


def rival(text: str, spans: Sequence[tuple[int, int]], language: str) -> str:
    """Return the first sign in a sentence of a person outside the spans, "" if there is none."""
    blank = _without(text, spans)
    for sign in (_HUMAN[language], _DE_TITLE_BEFORE_NAME, _TWO_CAPITALS):
        if found := sign.search(blank):
            return found[0]
    return ""


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return the text with the spans and well-known places in small dots, so that places stay."""
    for start, end in spans:
        text = text[:start] + "." * (end - start) + text[end:]
    for place in (_PLACES, _IN_A_PLACE):
        text = place.sub(lambda found: "." * len(found[0]), text)
    return text
