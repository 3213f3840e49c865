"""Changes to a catalogue in the file as it stands: what a person or another program wrote around them stays.

Comments, groups in groups, the head, attributes that mean nothing to us, the order of feeds: all kept. Only the
indentation is made even.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ingest.feeds import Feed, attributes, declare, feed_id_of

_UTF8 = re.compile(rb"encoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)
_START = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def amend(data: bytes, before: Sequence[Feed], after: Sequence[Feed]) -> bytes:
    """Return the OPML that held `before` with what makes it `after`: changed, added and left-out feeds."""
    root = _tree(data)
    old, new = {feed.feed_id: feed for feed in before}, {feed.feed_id: feed for feed in after}
    for parent, outline in list(_outlines(root)):
        feed_id = outline.get("feedId") or feed_id_of(outline.attrib[_address_key(outline)].strip())
        if feed_id not in new:
            parent.remove(outline)
        elif new[feed_id] != old.get(feed_id):
            _change(outline, old.get(feed_id), new[feed_id])
    for feed_id, feed in new.items():
        if feed_id not in old:
            ET.SubElement(_group(root, feed.category), "outline", dict(attributes(feed)))
    declare(root)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8")
    return _prolog(data) + text + b"\n"


def _tree(data: bytes) -> ET.Element:
    """Return the tree of a document with names as they are written: ElementTree's own parser renames prefixes."""
    builder = ET.TreeBuilder(insert_comments=True)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.CommentHandler = builder.comment
    parser.Parse(data, True)
    return builder.close()


def _outlines(root: ET.Element) -> Iterator[tuple[ET.Element, ET.Element]]:
    """Yield every outline with an address, and what it stands in."""
    for parent in root.iter():
        for child in parent:
            if child.tag == "outline" and _address_key(child):
                yield parent, child


def _change(outline: ET.Element, old: Feed | None, new: Feed) -> None:
    had: Mapping[str, str] = attributes(old) if old else {}
    wanted = attributes(new)
    address = _address_key(outline)
    for name in had.keys() | wanted.keys():
        if had.get(name) == wanted.get(name):
            continue
        key = address if name == "xmlUrl" else name
        if name in wanted:
            outline.set(key, wanted[name])
        else:
            outline.attrib.pop(key, None)
    # What was made from the address stays when that changes.
    outline.set("feedId", new.feed_id)
    outline.set("publisher", new.publisher)


def _group(root: ET.Element, category: str) -> ET.Element:
    body = root.find("body")
    if body is None:
        body = ET.SubElement(root, "body")
    if not category:
        return body
    groups = (one for one in body.iter("outline") if not _address_key(one) and one.get("text") == category)
    found = next(groups, None)
    return ET.SubElement(body, "outline", text=category) if found is None else found


def _address_key(outline: ET.Element) -> str:
    return next((key for key in outline.attrib if key.lower() == "xmlurl"), "")


def _prolog(data: bytes) -> bytes:
    """Return what stands before the root, comments included, unless it names another encoding."""
    head = data[: data.find(b"<opml")]
    return head if head.strip() and head.isascii() and not _UTF8.search(head) else _START
