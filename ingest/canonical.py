"""The canonical address of an article: one form for all the ways it is linked.

A key for comparing, not for opening: the feed's own address is kept for links. Changing a rule changes
story ids, so CANONICAL_VERSION goes up and the change goes with a rebuild.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import idna

from riftwatch.publishers import registrable_domain

CANONICAL_VERSION = 1
MAX_URL_CHARS = 4000

_TRACKING = frozenset(
    {"fbclid", "gclid", "dclid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "_hsenc",
     "_hsmi", "icid", "cmpid", "ocid", "smid", "xtor", "phpsessid", "jsessionid"}
)  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "at_", "wt_", "ns_")
_MOBILE = ("www.", "m.", "mobile.", "amp.")  # exact labels: "me." and "mx." are hosts of their own
_SECTIONS = frozenset(
    {"", "index", "home", "news", "politik", "politics", "wirtschaft", "business", "technik", "technology",
     "tech", "kultur", "culture", "sport", "sports", "panorama", "ausland", "inland", "world", "welt",
     "opinion", "meinung", "video", "videos", "live", "aktuell", "nachrichten"}
)  # fmt: skip
# Hosts whose articles carry an id in the last path segment, under any slug.
_ID_RULES = {
    "faz.net": re.compile(r"-(\d{6,})\.html$"),
    "spiegel.de": re.compile(r"-a-([0-9a-f]{8}-[0-9a-f-]{27}|\d{5,})(?:-amp)?(?:\.html)?$"),
    "sueddeutsche.de": re.compile(r"-((?:1\.|li\.)\d{5,})$"),
    "welt.de": re.compile(r"^/(?:.*/)?(?:article|plus)([0-9a-f]{9,})/[^/]*$"),
    "heise.de": re.compile(r"-(\d{6,})(?:\.html)?$"),
    "derstandard.at": re.compile(r"^/story/(\d{9,})(?:/|$)"),
    "nzz.ch": re.compile(r"-ld\.(\d{5,})$"),
}
# Hosts on which these parameters only tell where the reader came from.
_REFERRERS = {"theguardian.com": {"ref", "source"}, "nytimes.com": {"ref", "source"}}


def canonical(url: str, feed_host: str = "") -> str | None:
    """Return the canonical form of an address, or None when it is no http(s) address.

    `ref` and `source` go only where they name the feed's own host, or where the host is known to use them
    for tracking. Idempotent; never raises.
    """
    try:
        once = _canonical(url, feed_host)
        return once and _canonical(once, feed_host)  # a rule may uncover work for another
    except (ValueError, UnicodeError):
        return None


def is_section(url: str) -> bool:
    """Return whether a canonical address is a home or section page, which identifies no article."""
    path = re.sub(r"\.(html?|php|aspx?)$", "", urlsplit(url).path.strip("/").lower())
    return path in _SECTIONS and not urlsplit(url).query


def _canonical(url: str, feed_host: str) -> str | None:
    parts = urlsplit(_clean(url))
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or len(url) > MAX_URL_CHARS:
        return None
    host = _host(parts.hostname)
    if not host:
        return None
    path = _by_id(host, _without_amp(_path(parts.path)))
    query = _query(parts.query, host, feed_host)
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(("https", host + _port(parts.port), path, query, fragment))


def _clean(url: str) -> str:
    return re.sub(r"[\x00-\x20\x7f\ud800-\udfff]+", "", url.strip()) if url else ""


def _host(host: str) -> str:
    """Return the host in ASCII, lower case, without a label that only names the device."""
    name = host.lower().rstrip(".")
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    domain = registrable_domain(name)
    for label in _MOBILE:
        bare = name.removeprefix(label)
        if bare != name and (bare == domain or bare.endswith("." + domain)):
            return _host(bare)
    return f"[{name}]" if ":" in name else name


def _port(port: int | None) -> str:
    return "" if port in {None, 80, 443} else f":{port}"


def _path(path: str) -> str:
    path = re.sub(r";jsessionid=[^/;]*", "", path, flags=re.IGNORECASE)
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        plain = _percent(segment)
        if plain == "..":
            segments = segments[:-1]
        elif plain != ".":
            segments.append(plain)
    joined = "/" + "/".join(segments)
    return joined.rstrip("/") or "/"


def _percent(text: str, safe: str = "!$&'()*+,;=:@~") -> str:
    """Return one spelling of percent-encoding; an encoded delimiter stays encoded."""
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(_one(piece) if piece.startswith("%") and len(piece) == 3 else quote(piece, safe)
                   for piece in pieces)  # fmt: skip


def _one(escape: str) -> str:
    char = unquote(escape, errors="replace")
    unreserved = char.isascii() and (char.isalnum() or char in "-._~")
    return char if unreserved else escape.upper()


def _without_amp(path: str) -> str:
    plain = re.sub(r"^/amp/(?=.)", "/", path)
    return re.sub(r"(?<=.)/amp$|\.amp(?=\.html$|$)", "", plain) or "/"


def _by_id(host: str, path: str) -> str:
    rule = _ID_RULES.get(registrable_domain(host))
    match = rule.search(path) if rule else None
    return f"/~{match[1]}" if match else path


def _query(query: str, host: str, feed_host: str) -> str:
    kept = {
        (_percent(name, "+"), sign, _percent(value, "+:@!$'()*,;~/?"))
        for name, sign, value in (pair.partition("=") for pair in query.split("&"))
        if name and not _is_tracking(name, value, host, feed_host) and not _is_amp(name, value)
    }
    return "&".join(name + sign + value for name, sign, value in sorted(kept))


def _is_tracking(name: str, value: str, host: str, feed_host: str) -> bool:
    low = unquote(name).lower()
    if low in {"ref", "source"}:
        known = low in _REFERRERS.get(registrable_domain(host), ())
        own = {feed_host, registrable_domain(feed_host)} if feed_host else set()
        return known or unquote(value).lower() in own
    return low in _TRACKING or low.startswith(_TRACKING_PREFIXES)


def _is_amp(name: str, value: str) -> bool:
    pair = (name.lower(), value.lower())
    return pair in {("outputtype", "amp"), ("amp", ""), ("amp", "1"), ("amp", "true")}
