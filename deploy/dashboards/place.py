"""Where the dashboards are put: the prefix of the indices, the desk's address, what the controls begin with. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deploy.dashboards.model import View
from deploy.dashboards.panels import Control, Dashboard, Panel, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What differs from one newsroom to the next."""

    prefix: str = "riftwatch"
    desk: str = "http://127.0.0.1:8420"  # as readers reach it
    pair: str = "musk|trump"  # what the control of the relationship begins with
    actor: str = "musk"
    actors: tuple[tuple[str, str], ...] = ()  # id and name of those on the watchlist; Kibana then shows names

    def id(self, key: str) -> str:
        """Return the id of a dashboard or a data view in Kibana."""
        return f"{self.prefix}-{key}"

    def index(self, view: View) -> str:
        """Return the name under which the view's documents are read."""
        return f"{self.prefix}-{view.family}"

    def address(self, template: str) -> str:
        """Return a click's address; Kibana fills in the {{value}}."""
        return template.replace("{desk}", self.desk.rstrip("/"))

    def chosen(self, control: Control) -> Control:
        """Return a control with what it begins with."""
        filled = tuple(value.format(pair=self.pair, actor=self.actor) for value in control.chosen)
        return replace(control, chosen=filled)

    def text(self, words: Words, dashboard: Dashboard, all_of_them: tuple[Dashboard, ...]) -> str:
        """Return a text with its links: to the other dashboards, to the desk."""
        links = [
            f"**{_short(one)}**" if one is dashboard else f"[{_short(one)}](#/view/{self.id(one.key)})"
            for one in all_of_them
        ]
        links.append(f"[The desk]({self.address('{desk}')}/)")
        return self.address(words.text).replace("{links}", " · ".join(links))


def _short(dashboard: Dashboard) -> str:
    return dashboard.title.partition("– ")[2]


def title(panel: Panel) -> str:
    """Return the panel's title; a number bears its label instead, a text has none."""
    return "" if isinstance(panel, Words) else getattr(panel, "title", "")
