"""Follows "he" and "the two" to the actors of the sentence before, where no other reading is likely.

    "Musk griff Trump an. Er nannte …"  not followed: two could be meant
    "Musk griff das Gesetz an. Er nannte …"  ─▶ Musk
    "Musk und Trump trafen sich. Die beiden …"  ─▶ Musk and Trump, and their relation

Only at the start of a sentence, only from the sentence right before, only if nobody else is in it (rivals.py). A
sentence that is left out costs little; a wrong guess puts words into somebody's mouth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from processors.rivals import rival
from processors.sentences import Sentence
from riftwatch.records import Mention
from riftwatch.watchlist import Entry, Watchlist

MAX_CHAIN = 3  # sentences that begin with "he", one after the other
AND = {"de": "und", "en": "and"}
_HE = {"de": {"Er": "he"}, "en": {"He": "he", "She": "she"}}  # German "sie" is also "they" and "you"
_FIRST_WORD = re.compile(r"\w+(?= \w)")
# German "er" may be a thing; these are what people do. The subjunctive is reported speech, so somebody spoke.
_PEOPLE_DO = re.compile(
    r"Er (?:sagte?|erklärte?|schrieb|schreibt|postete|teilte|nannte|nennt|warf|wirft|kritisierte?|lobte?|drohte?|"
    r"forderte?|fordert|kündigte?|kündigt|betonte?|sprach|spricht|griff|greift|bezeichnete?|beschimpfte?|beleidigte?|"
    r"beschuldigte?|verspottete?|spottete?|bedankte?|dankte?|gratulierte?|versprach|verspricht|verteidigte?|unterstützte?|"
    r"behauptete?|beklagte?|klagte?|verklagte?|rief|ruft|riet|rät|bat|bittet|warnte?|wetterte?|äußerte?|räumte?|bestritt|"
    r"entschuldigte?|distanzierte?|traf|trifft|lud|empfing|empfahl|stellte sich|will|wolle|wollte|habe|sei|werde|"
    r"könne|müsse|solle|glaubt|glaube|hofft|hoffe|meint|meinte|reagierte?|antwortete?|legte nach|lehnte?|attackierte?|"
    r"unterstellte?|hielt|hält sich|zeigte sich|gab sich|würdigte?)\b"
)
_TITLE_WORDS = re.compile(r"(?:[A-ZÄÖÜ][\w.-]* ){0,3}")
_NOT_THE_SUBJECT = re.compile(
    r"(?:Nach|Für|Mit|Von|Bei|Gegen|Über|Ohne|Durch|Um|An|Auf|In|Aus|Wegen|Trotz|Laut|Zu|Seit|Statt|Wie|Als|Dass|Ob|Wenn|"
    r"After|For|With|By|To|Against|Before|In|On|At|From|Under|Over|About|Without|Like|Unlike|According|As|Because|If|"
    r"When|While|Although|Since|Despite|That|But|And|Or) "
)
_JOINED = re.compile(r"['’]|-|,? (?:und|and|&|oder|or|sowie|with|mit)\b")
# "The two countries are" is somebody else: a verb must follow. In German a noun bears a capital.
_VERBS = (
    "are|were|have|had|will|would|can|could|may|might|should|must|do|did|also|now|then|once|later|long|never|often|still|"
    "both|again|go|went|fall|fell|meet|met|speak|spoke|fight|fought|break|broke|agree|argue|clash|feud|trade|praise|"
    "attack|blame|share|want|know|knew|became|began|grew|came|made|took|say|said|shook|sat|stood|sued|won|lost|hit|cut"
)
_THE_TWO = {
    "en": re.compile(
        r"(?:The two|Both|The pair|The duo)(?: (?P<noun>men|billionaires|allies|rivals|sides|companies|firms|groups))?"
        rf"(?= (?:\w+(?:ed|ly)|{_VERBS})\b)"
    ),
    "de": re.compile(
        r"(?:Die (?:beiden|zwei)|Beide|Das Duo)(?: (?P<noun>Männer|Milliardäre|Verbündeten|Rivalen|Seiten|Kontrahenten|"
        r"Streithähne|Unternehmen|Firmen|Konzerne))?(?= [a-zäöü])(?! [a-zäöüß]+(?:en|er?) [A-ZÄÖÜ])"
    ),
}
_NOUN_KINDS = {
    **dict.fromkeys(("men", "billionaires", "Männer", "Milliardäre", "Streithähne"), "person"),
    **dict.fromkeys(("companies", "firms", "Unternehmen", "Firmen", "Konzerne"), "organisation"),
}
_ANY_KIND = frozenset({"sides", "Seiten"})


@dataclass(frozen=True, slots=True)
class Followed:
    """A word that stands for actors, and what a reader would put in its place."""

    mentions: tuple[Mention, ...]  # one an actor, all at the place of the word
    names: tuple[str, ...]  # one an actor: "Musk", "Trump"
    replacement: str  # "Musk und Trump"


@dataclass(frozen=True, slots=True)
class _Named:
    """What a wording tells of whom it names."""

    kind: Literal["person", "organisation"]
    pronoun: str | None
    name: str


class Follower:
    """Follows pronouns with one watchlist; remembers nothing of a story."""

    def __init__(self, watchlist: Watchlist) -> None:
        self._wordings: dict[str, _Named] = {}
        self._actors: dict[str, _Named] = {}
        for key, actor in watchlist.actors.items():
            self._actors[key] = _Named(actor.kind, actor.pronoun, _short(actor))
            self._wordings |= dict.fromkeys((*actor.names, *actor.aliases), self._actors[key])
        for speaker in watchlist.spokespeople.values():
            named = _Named("person", speaker.pronoun, _short(speaker))
            bare = (text for group in speaker.ambiguous for text in group.texts)
            self._wordings |= dict.fromkeys((*speaker.names, *speaker.aliases, *bare), named)

    def follow(
        self, sentences: Sequence[Sentence], mentions: Sequence[Mention], language: str
    ) -> list[Followed]:
        """Return what stands for an actor in these sentences, in their order."""
        if language not in AND:
            return []
        by_sentence = _by_sentence(sentences, mentions)
        return list(self._walk(sentences, by_sentence, language))

    def _walk(
        self, sentences: Sequence[Sentence], named: Mapping[int, list[Mention]], language: str
    ) -> Iterator[Followed]:
        subject: Mention | None = None  # who the sentence before is about, if one person
        chain = 0
        for at, sentence in enumerate(sentences):
            before = sentences[at - 1] if at else None
            found: Followed | None = None
            if before and _next_to(before, sentence):
                found = self._the_two(before, named[at - 1], sentence, language)
                if not found and subject and chain < MAX_CHAIN and before.field == sentence.field:
                    found = self._he(subject, sentence, language)
            if found:
                yield found
            chain = chain + 1 if found else 0
            one = found.mentions[0] if found and len(found.mentions) == 1 else None
            subject = self._subject(sentence, named[at], one, language)

    def _he(self, subject: Mention, sentence: Sentence, language: str) -> Followed | None:
        word = _FIRST_WORD.match(sentence.text)
        who = self._who(subject)
        if not word or _HE[language].get(word[0]) != who.pronoun or who.pronoun is None:
            return None
        if language == "de" and not _PEOPLE_DO.match(sentence.text):
            return None
        return _followed(sentence, word[0], [(subject.entity, who.name)], who.name)

    def _the_two(
        self, before: Sentence, named: Sequence[Mention], sentence: Sentence, language: str
    ) -> Followed | None:
        word = _THE_TWO[language].match(sentence.text)
        first = {mention.entity: mention for mention in reversed(named)}
        if not word or len(first) != 2 or not _closed(before.text):
            return None
        both = sorted(first.values(), key=lambda mention: mention.start)
        who = [self._who(mention) for mention in both]
        kinds = {one.kind for one in who}
        fits = word["noun"] in _ANY_KIND or kinds == {_NOUN_KINDS.get(word["noun"], who[0].kind)}
        if not fits or rival(before.text, _spans(before, named), language):
            return None
        names = [(mention.entity, one.name) for mention, one in zip(both, who, strict=True)]
        return _followed(sentence, word[0], names, f"{who[0].name} {AND[language]} {who[1].name}")

    def _subject(
        self, sentence: Sentence, named: Sequence[Mention], followed: Mention | None, language: str
    ) -> Mention | None:
        """Return the one person whom a sentence begins with and is about, or None."""
        persons = [mention for mention in named if self._who(mention).kind == "person"]
        first = followed or (persons[0] if persons else None)
        if first is None or not _closed(sentence.text):
            return None
        if any(self._who(mention).name != self._who(first).name for mention in persons):
            return None
        spans = _spans(sentence, [*named, *([followed] if followed else [])])
        start, end = first.start - sentence.start, first.end - sentence.start
        lead = sentence.text[:start]
        begins = bool(_TITLE_WORDS.fullmatch(lead)) and not _NOT_THE_SUBJECT.match(lead)
        if not begins or not self._nominative(first) or _JOINED.match(sentence.text, end):
            return None
        return None if rival(sentence.text[start:], _moved(spans, -start), language) else first

    def _nominative(self, mention: Mention) -> bool:
        plain = mention.via in {"pronoun", "description"} or mention.text in self._wordings
        return plain and not mention.text.lower().startswith(
            ("des ", "dem ", "den ", "vom ", "beim ", "zum ")
        )

    def _who(self, mention: Mention) -> _Named:
        return self._wordings.get(mention.text, self._actors[mention.entity])


def _followed(sentence: Sentence, word: str, names: Sequence[tuple[str, str]], replacement: str) -> Followed:
    end = sentence.start + len(word)
    mentions = tuple(
        Mention(entity=entity, field=sentence.field, start=sentence.start, end=end, text=word, via="pronoun")
        for entity, _ in names
    )
    return Followed(mentions, tuple(name for _, name in names), replacement)


def _by_sentence(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> dict[int, list[Mention]]:
    return {
        at: [m for m in mentions if m.field == s.field and s.start <= m.start and m.end <= s.end]
        for at, s in enumerate(sentences)
    }


def _next_to(before: Sentence, sentence: Sentence) -> bool:
    """Tell whether one follows the other; the lead follows the headline."""
    return before.field == sentence.field or (before.field == "title" and sentence.lead)


def _closed(text: str) -> bool:
    """Tell whether no quotation stays open at the end: in one, "he" is whom the speaker means."""
    doubles = text.count('"') % 2 == 0
    german, english = text.count("„"), text.count("”")
    curly = text.count("“") == german + english if german or english else text.count("“") == 0
    return doubles and curly and text.count("»") == text.count("«")


def _short(entry: Entry) -> str:
    """Return the first name that is one word: what papers write the second time."""
    return next((name for name in (*entry.names, *entry.aliases) if " " not in name), entry.title)


def _spans(sentence: Sentence, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    return [(m.start - sentence.start, m.end - sentence.start) for m in mentions]


def _moved(spans: Sequence[tuple[int, int]], by: int) -> list[tuple[int, int]]:
    return [(start + by, end + by) for start, end in spans]
