"""What the system is told in a demo: its feeds, its publishers, and settings for a stepped clock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from demo.corpus import Agency, Outlet
from demo.stage import Stage
from riftwatch.errors import ConfigError
from riftwatch.kafka_security import without_security
from riftwatch.settings import Settings

CLOCK_FILE = "clock"
COPIED = ("watchlist.toml", "rules.toml")  # the demo judges with the same files as a newsroom does
POLL_S = 600.0  # every feed is due again at the next step, which is 42 minutes away at least
EMBEDDED = Stage()
MAIL_TO = "newsroom@demo.example"
MAIL_FROM = "riftwatch@demo.example"


def write_config(
    folder: Path,
    source: Path,
    outlets: Sequence[Outlet],
    agencies: Sequence[Agency],
    url: Callable[[str], str],
) -> None:
    """Write feeds.opml and publishers.toml of the invented outlets, and copy the rest from `source`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feeds.opml").write_bytes(opml(outlets, url))
    (folder / "publishers.toml").write_text(publishers(outlets, agencies), encoding="utf-8")
    for name in COPIED:
        try:
            shutil.copyfile(source / name, folder / name)
        except OSError as error:
            raise ConfigError(f"cannot be copied for the demo ({error.strerror})", source / name) from error


def opml(outlets: Sequence[Outlet], url: Callable[[str], str]) -> bytes:
    """Return the feed catalogue; ids are the outlets' own, so that they outlive the server's port."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "Recorded feeds of invented outlets"
    body = ET.SubElement(root, "body")
    for outlet in outlets:
        ET.SubElement(
            body, "outline", type="rss", feedId=outlet.id, text=outlet.title, xmlUrl=url(outlet.id),
            publisher=outlet.family, language=outlet.language, country=outlet.country, category="demo",
            priority="high",
        )  # fmt: skip
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def publishers(outlets: Iterable[Outlet], agencies: Iterable[Agency]) -> str:
    """Return publishers.toml: a family for each owner, an entry for each agency."""
    by_family = groupby(sorted(outlets, key=lambda outlet: outlet.family), lambda outlet: outlet.family)
    families = [_family(family, list(members)) for family, members in by_family]
    wires = [
        _table("wire", {"id": agency.id, "title": agency.title, "credits": list(agency.credits)})
        for agency in agencies
    ]
    return "\n".join([*families, *wires])


def adapted(given: Settings, data: Path, config: Path, feeds: str, stage: Stage = EMBEDDED) -> Settings:
    """Return the settings of the demo's processes; `feeds` is the feed server's host:port.

    Whatever leads out of this machine is cut: no broker or store but the stage's, and no mail server, is used.
    """
    return replace(
        given if stage.kafka else without_security(given),
        data=data,
        config_dir=config,
        kafka=stage.kafka,
        partitions=stage.partitions,
        replication=stage.replication,
        store=stage.store,
        elasticsearch="",
        index_prefix=f"{given.index_prefix}-demo",
        smtp="",
        mail_to=MAIL_TO,
        mail_from=MAIL_FROM,
        clock=f"file:{data / CLOCK_FILE}",
        poll_allow_private=feeds,
        poll_min_s=POLL_S,
        poll_max_s=POLL_S,
        poll_host_gap_s=0.0,
        poll_turn_s=0.05,
        session_timeout_s=6.0,
    )


def _family(family: str, members: Sequence[Outlet]) -> str:
    names = [
        name for outlet in members for name in dict.fromkeys((outlet.title, outlet.id)) if name != family
    ]
    return _table(
        "family",
        {
            "id": family,
            "title": members[0].title if len(members) == 1 else family.title(),
            "names": names,
            "domains": [f"{outlet.id}.example" for outlet in members],
        },
    )


def _table(name: str, values: dict[str, object]) -> str:
    # JSON's strings and lists of strings are TOML's as well.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[[{name}]]", *lines, ""])
