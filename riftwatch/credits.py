"""Agency credits in a text: found only where newsrooms print them, never in running prose.

"(AP) -" after the place, "(dpa/lno)" at the end of a line, "dpa/AFP" as a by-line, "Mit Material von dpa",
"© 2025 AFP". Case-exact and word-bounded, so that "AP Møller" or "the apa" credit nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_LEADS = (
    r"Mit (?:Material|Informationen|Angaben) (?:von|der)|Mit Agenturmaterial(?: von| der)?|Quellen?:|Source:|"
    r"Sources:|[Vv]on|[Bb]y|Reporting by|With (?:reporting|files|material) (?:by|from)|Nach (?:Material|Angaben) von"
)


class Credits:
    """Finds the agency that a text is credited to."""

    def __init__(
        self,
        credits_by_wire: Mapping[str, Sequence[str]],
        categories_by_wire: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        by_wire = (categories_by_wire or {}).items()
        self._categories = {category: wire for wire, categories in by_wire for category in categories}
        self._wires = {credit: wire for wire, credits_ in credits_by_wire.items() for credit in credits_}
        longest_first = sorted(self._wires, key=len, reverse=True)
        self._any = "|".join(re.escape(credit) for credit in longest_first)
        self._in_text = [re.compile(form, re.MULTILINE) for form in self._forms()] if self._any else []
        self._whole = re.compile(
            rf"\(?(?P<credit>{self._any})(?:[-/](?:\w|[-/])+)?(?: (?:Staff|News|Agency|Nachrichtenagentur))?\)?"
        )

    def find(self, text: str, authors: Sequence[str] = (), categories: Sequence[str] = ()) -> str | None:
        """Return the agency credited by an author line, in a credit position of the text or by a category."""
        if not self._wires:
            return None
        return self._by_author(authors) or self._by_text(text) or self._by_category(categories)

    def _by_category(self, categories: Sequence[str]) -> str | None:
        return next((self._categories[one] for one in categories if one in self._categories), None)

    def _by_author(self, authors: Sequence[str]) -> str | None:
        for author in authors:
            bare = re.sub(r"^(?:by|von|By|Von)\s+", "", author.strip())
            for part in re.split(r"\s*[,;&|]\s*|\s+(?:and|und|mit|with)\s+|\s*(?=\()|/", bare):
                match = self._whole.fullmatch(part.strip())
                if match:
                    return self._wires[match["credit"]]
        return None

    def _by_text(self, text: str) -> str | None:
        matches = [match for form in self._in_text if (match := form.search(text))]
        if not matches:
            return None
        first = min(matches, key=lambda match: match.start("credit"))
        return self._wires[first["credit"]]

    def _forms(self) -> tuple[str, ...]:
        credit = rf"(?<![\w-])(?P<credit>{self._any})(?![\w])"
        inside = rf"\((?:[^()\n]{{0,30}}?[/,]\s?)??{credit}(?:\s?[-/,][^()\n]{{0,40}})?\)"
        others = r"(?:(?:[-/,] ?| und | and )[\w-]+){0,4}"
        return (
            rf"^[^\n!?()]{{0,60}}{inside}\s*(?:[-–—:]|\.?$)",  # BERLIN (dpa) -
            rf"\A\s*[^\n!?()]{{0,40}}{inside}\.\s",  # Frankfurt a.M. (epd). Die …
            rf"{inside}\.?\s*$",  # … (dpa/lno)
            rf"\[{credit}[^\]\n]{{0,30}}\]\s*$",  # … [dpa]
            rf"^[A-ZÄÖÜ][\w /.,-]{{1,40}}[,/] ?{credit}\s*[-–—]\s",  # BERLIN/dpa -
            rf"^{credit}{others}\s*(?:[-–—]\s|$)",  # dpa/AFP
            rf"(?:^|[.!?)]\s+)[-–—]\s*{credit}{others}\.?\s*$",  # … – dpa
            rf"(?:^|[.!?)]\s+|\(){_leads()}\s+(?:[\w-]+(?:,| und| and) ){{0,2}}?{credit}{others}[.)]*\s*$",
            rf"©\s*(?:\d{{4}}\s+)?{credit}",
            rf"(?<!\w)(?P<credit>{self._any}):\d{{6}}-",  # dpa:250123-930-…
        )


def _leads() -> str:
    return f"(?:{_LEADS})"
