"""Who stands behind a text: publisher families and news agencies, from config/publishers.toml.

Nine feeds of one broadcaster are one witness, and an agency's text is the agency's, whoever prints it.
This module decides both; it weighs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from publicsuffixlist import PublicSuffixList

from riftwatch.credits import Credits
from riftwatch.errors import ConfigError
from riftwatch.toml_file import parse, read_text


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outlets of one owner or newsroom: one independent witness."""

    id: str
    title: str
    names: tuple[str, ...] = ()  # as feeds and archives write them; case and spacing do not matter
    domains: tuple[str, ...] = ()  # a domain stands for its subdomains too


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A news agency and the words that credit it, exactly as printed."""

    id: str
    title: str
    credits: tuple[str, ...]
    categories: tuple[str, ...] = ()  # under which newsrooms file the agency's texts


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    family: tuple[Family, ...] = ()
    wire: tuple[Wire, ...] = ()


class Publishers:
    """Maps addresses and names of outlets to families, and credits to agencies."""

    def __init__(self, families: Sequence[Family], wires: Sequence[Wire] = ()) -> None:
        self._titles = {wire.id: wire.title for wire in wires} | {one.id: one.title for one in families}
        self._domains = {domain.lower(): family.id for family in families for domain in family.domains}
        self._names = {
            _plain(name): family.id
            for family in families
            for name in (family.id, family.title, *family.names)
        }
        self._credits = Credits(
            {wire.id: wire.credits for wire in wires}, {wire.id: wire.categories for wire in wires}
        )

    @classmethod
    def load(cls, path: Path) -> Publishers:
        """Read publishers.toml; raises ConfigError that names the file, the line and what to do."""
        text = read_text(path)
        tables = parse(text, path)
        try:
            found = msgspec.convert(tables, _File)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{error}: see the comment at its top for what an entry holds", path) from error
        _refuse_doubles(found, text, path)
        return cls(found.family, found.wire)

    def family(self, outlet: str) -> str:
        """Return the family of an address, domain or name; an unknown outlet stands for itself.

        An unknown address gives its registrable domain, an unknown name its slug. Never raises.
        """
        known = self._names.get(_plain(outlet))
        if known:
            return known
        host = host_of(outlet)
        if not host:
            return slug(outlet)
        return self._by_domain(host) or registrable_domain(host)

    def title(self, family: str) -> str:
        """Return the title of a family or agency; an unknown id is its own title."""
        return self._titles.get(family, family)

    def wire(self, text: str, authors: Sequence[str] = (), categories: Sequence[str] = ()) -> str | None:
        """Return the agency that the text credits, the first named if several, or None."""
        return self._credits.find(text, authors, categories)

    def _by_domain(self, host: str) -> str | None:
        labels = host.split(".")
        for start in range(len(labels) - 1):
            family = self._domains.get(".".join(labels[start:]))
            if family:
                return family
        return None


def host_of(text: str) -> str:
    """Return the host that an address or a bare domain names, in lower case, or ""."""
    text = text.strip()
    address = text if "://" in text else f"//{text}"
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
    bare = "://" not in text
    if bare and not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(:\d+)?(/\S*)?", text):
        return ""
    return host


@lru_cache(maxsize=10_000)
def registrable_domain(host: str) -> str:
    """Return the domain somebody registered ("feeds.bbc.co.uk" -> "bbc.co.uk"); an address stays itself."""
    host = host.lower().rstrip(".")
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return str(_suffixes().privatesuffix(host) or host)
    return host


@lru_cache(maxsize=20_000)
def domain_of(url: str) -> str:
    """Return the registrable domain of an address; cached, as a poller asks for it at every turn."""
    return registrable_domain(host_of(url))


def slug(name: str) -> str:
    """Return a name as an id: lower-case words joined by hyphens."""
    return "-".join(re.findall(r"\w+", name.casefold())) or "unknown"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _refuse_doubles(file: _File, text: str, path: Path) -> None:
    owners: dict[str, str] = {}
    for family in file.family:
        for name in {
            family.id,
            _plain(family.title),
            *map(_plain, family.names),
            *(domain.lower() for domain in family.domains),
        }:
            other = owners.setdefault(name, family.id)
            if other != family.id:
                message = f'"{name}" belongs to {other} and to {family.id}: keep it in one of them'
                raise ConfigError(message, path, _line_of(name, text))


def _line_of(name: str, text: str) -> int | None:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if f'"{name}"' in line.casefold()]
    return lines[-1] if lines else None
