"""The colours of a mail, light and dark, in one place, so that a test can measure their contrast."""

from __future__ import annotations

# name -> (light, dark); a pair is text and the ground it stands on.
TEXT_ON_GROUND: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "ink": (("#1b1f24", "#ffffff"), ("#e8eaed", "#1c1f24")),
    "quiet": (("#5a626d", "#ffffff"), ("#a6aeb8", "#1c1f24")),
    "quiet-page": (("#5a626d", "#eef0f2"), ("#a6aeb8", "#111316")),
    "link": (("#0b57a4", "#ffffff"), ("#8ab8f0", "#1c1f24")),
    "button": (("#ffffff", "#0b57a4"), ("#0e1116", "#8ab8f0")),
    "tag-alert": (("#ffffff", "#a3271f"), ("#1a0d0c", "#f09a92")),
    "tag-update": (("#ffffff", "#8a4b08"), ("#1a1206", "#eab676")),
    "tag-correction": (("#ffffff", "#5b3a8c"), ("#140c1f", "#c9aef2")),
    "tag-settled": (("#ffffff", "#2f6042"), ("#08150d", "#8fcfa8")),
}
GROUND_ONLY = {
    "page": ("#eef0f2", "#111316"),
    "sheet": ("#ffffff", "#1c1f24"),
    "track": ("#e3e6e9", "#343941"),
    "bar-before": ("#8b95a1", "#7d8793"),
    "bar-after": ("#0b57a4", "#8ab8f0"),
}
FILLED = ("button", "tag-alert", "tag-update", "tag-correction", "tag-settled")
RULES = {"rule": ("1px", "top", "#d5d9dd", "#3a4048"), "quote-rule": ("3px", "left", "#c3c9cf", "#4a515b")}

SANS = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
SERIF = "font-family:Georgia,'Times New Roman',serif;"


def light() -> dict[str, str]:
    """Return the inline style of each name: what every mail program understands."""
    styles = {name: f"color:{light[0]};" for name, (light, _) in TEXT_ON_GROUND.items()}
    styles |= {name: styles[name] + f"background:{TEXT_ON_GROUND[name][0][1]};" for name in FILLED}
    styles |= {name: f"background:{light};" for name, (light, _) in GROUND_ONLY.items()}
    styles |= {
        name: f"border-{side}:{width} solid {light};" for name, (width, side, light, _) in RULES.items()
    }
    return styles | {
        "sans": SANS,
        "serif": SERIF,
        "small": SANS + "font-size:14px;line-height:1.5;",
        "tiny": SANS + "font-size:12.5px;line-height:1.5;",
    }


def dark() -> dict[str, str]:
    """Return what replaces it in the dark."""
    styles = {name: f"color:{dark[0]} !important" for name, (_, dark) in TEXT_ON_GROUND.items()}
    styles |= {
        name: styles[name] + f"; background:{TEXT_ON_GROUND[name][1][1]} !important" for name in FILLED
    }
    styles |= {name: f"background:{dark} !important" for name, (_, dark) in GROUND_ONLY.items()}
    return styles | {name: f"border-color:{dark} !important" for name, (_, _, _, dark) in RULES.items()}
