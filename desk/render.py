"""Templates: Jinja2 with autoescape, the texts, and the filters for numbers and times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from desk import figures
from desk.chart import language_name
from desk.figures import Times
from desk.level import WEEK
from desk.names import Names
from desk.query import COUNTED_TO, RANGES, link
from desk.routes import MENU, ROUTES
from desk.spark import HEIGHT, WIDTH
from desk.wording import Wording
from riftwatch.clock import iso

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Renderer:
    """Turns a template and its values into a page."""

    def __init__(self, wording: Wording, names: Names) -> None:
        self._environment = _environment(wording, names)

    def page(self, template: str, values: Mapping[str, object]) -> str:
        """Return the page as HTML; a value that a template needs and does not get is an error."""
        return self._environment.get_template(f"{template}.html").render(values)


def _environment(wording: Wording, names: Names) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    times = Times(wording)
    environment.globals |= {
        "t": wording.html,
        "texts": wording,
        "names": names,
        "asset": _assets().__getitem__,
        "link": link,
        "menu": MENU,
        "routes": ROUTES,
        "ranges": tuple(RANGES),
        "spark_box": f"0 0 {WIDTH} {HEIGHT}",
        "counted_to": COUNTED_TO,
        "thin": figures.THIN_PUBLISHERS,
    }
    environment.filters |= {
        "signed": figures.signed,
        "level": figures.level,
        "is_thin": figures.is_thin,
        "thousands": figures.thousands,
        "decimal": figures.decimal,
        "short": figures.short,
        "day": lambda moment: _time(_date(moment), times.day(_date(moment))),
        "day_month": lambda moment: times.day_month(_date(moment)),
        "is_old": lambda bucket, now: now.date() - _date(bucket) > WEEK,
        "plain_day": lambda moment: times.day(_date(moment)),
        "moment": lambda moment: _time(moment, times.moment(moment)),
        "ago": lambda moment, now: times.span(now - moment),
        "span": lambda seconds: times.span(timedelta(seconds=seconds)),
        "language": lambda code: language_name(code, wording),
        "json_block": json_block,
    }
    return environment


def json_block(value: object) -> Markup:
    """Return a value as JSON that is safe inside a <script type="application/json">."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def _time(moment: date, shown: str) -> Markup:
    stamp = iso(moment) if isinstance(moment, datetime) else moment.isoformat()
    return Markup('<time datetime="{}">{}</time>').format(stamp, shown)


def _date(moment: date | str) -> date:
    return date.fromisoformat(moment) if isinstance(moment, str) else moment


def _assets() -> dict[str, str]:
    """Return the address of each static file, with a mark of its content so that it may be cached for ever."""
    return {
        name: f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and (name := path.relative_to(STATIC).as_posix())
    }
