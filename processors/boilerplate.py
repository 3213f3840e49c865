"""Text that an outlet adds around a story: datelines, agency credits, invitations to read on.

Only the comparison of texts leaves it out; nothing that people see is changed.
"""

from __future__ import annotations

import re

_AGENCY = r"[A-Za-z]{2,12}(?:[-./][A-Za-z]{2,12}){0,3}"
_DASH = "[-–—]"
# As in: WASHINGTON (Reuters) - …; Berlin/Washington (dpa) – …; SAN FRANCISCO, 22. Januar (ICW) — …
_DATELINE = re.compile(rf"^\s*[A-ZÄÖÜ](?:[^().!?]|(?<=\d)\.){{0,60}}?\s*\({_AGENCY}\)\s*(?:{_DASH}+|:)\s*")
# "WASHINGTON — ": capitals only, or every sentence with a dash would lose its beginning
_CAPITALS = re.compile(rf"^\s*[A-ZÄÖÜ][A-ZÄÖÜ .,/]{{2,40}}\s{_DASH}+\s")
# "(dpa)", "(dpa/AFP)" and by-line initials at the very end
_CREDIT = re.compile(rf"\s*\((?:{_AGENCY})(?:\s*[,/]\s*{_AGENCY})*\)\s*\.?\s*$")
_LINES = re.compile(
    r"""(?:
      \(?\s*(?:mit|unter\s+Verwendung\s+von)\s+(?:Material|Agenturmaterial|Informationen)\s+(?:von|der|des)\s
    | \(?\s*with\s+(?:material|reporting|files)\s+(?:from|by)\s
    | \(?\s*(?:additional\s+)?reporting\s+by\s | quelle:\s | source:\s
    | (?:mehr|lesen\s+sie\s+(?:auch|mehr|hier)|weiterlesen|hier\s+weiterlesen)\b[^.!?\n]{0,8}(?::|zum\s+thema|$)
    | read\s+(?:more|also|next)\b\s*(?::|$) | (?:continue|keep)\s+reading\b | related:\s
    | jetzt\s+(?:abonnieren|anmelden|weiterlesen)\b | (?:subscribe|sign\s+up)\s+(?:now|to|for)\b
    | (?:dieser|der)\s+artikel\s+(?:ist\s+(?:nur|exklusiv)|erschien)\s | this\s+article\s+(?:is\s+for|appeared|was)\s
    | the\s+post\s.{1,200}\sappeared\s+first\s+on\s
    | ©|\(c\)\s
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*$")
_PARTS = re.compile(r"(?<=[.!?…])\s+|\n+")


def stripped(text: str) -> str:
    """Return the text without datelines, agency credits, paywall notes and invitations to read on."""
    text = _DATELINE.sub("", text, count=1)
    text = _CAPITALS.sub("", text, count=1)
    parts = [part for part in _PARTS.split(text.strip()) if not _LINES.match(part)]
    return _ELLIPSIS.sub("", _CREDIT.sub("", " ".join(parts)))
