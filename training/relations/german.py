"""German sentence templates: word order, passives, separable verbs, nominal headlines, hard neutrals.

A template is a function (frame, other frame, rng) -> (text with slots, relations) or None when it does not fit.
Slots: {A} nominative, {B} accusative, {D} dative of B, {Ad} dative of A; C, E, F likewise are third actors.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from training.relations.frames import Frame

Said = list[tuple[int, int, str]]
Template = Callable[[Frame, Frame, random.Random], tuple[str, Said] | None]

LEADS = (
    "",
    "",
    "",
    "Eklat: ",
    "Nach der Wahl: ",
    "Im Fernsehen: ",
    "Bericht: ",
    "Machtfrage: ",
    "Überraschung: ",
)
TAILS = ("", "", "", " wegen der Zölle", " im Parlament", " auf dem Parteitag", " vor laufender Kamera", " in einem Interview",
         " nach dem Gipfel", " im Netz", " am Montag", " kurz vor dem Finale", " bei der Hauptversammlung")  # fmt: skip
WHEN = ("Am Dienstag", "Gestern", "In Berlin", "Vor Journalisten", "Auf der Plattform X", "Nach dem Spiel", "Zum Auftakt",
        "Überraschend", "Wie erwartet", "Im Interview", "Bei der Premiere", "Im Herbst")  # fmt: skip
REPORT = (
    "Es heißt",
    "Beobachter melden",
    "Die Zeitung schreibt",
    "Aus dem Umfeld verlautet",
    "Viele wundern sich",
)
QUIET = (
    "traf am Abend in Rom ein",
    "hält heute eine Rede",
    "gehört seit Jahren dazu",
    "war am Freitag nicht zu erreichen",
)


def final(f: Frame) -> str:
    """Return the finite verb at the end of a subordinate clause."""
    return f"{f.particle}{f.present}"


def perfect(f: Frame) -> str:
    """Return the auxiliary."""
    return "ist" if "i" in f.flags else "hat"


def to_infinitive(f: Frame) -> str:
    """Return the infinitive with zu."""
    if f.particle and f.verb.startswith(f.particle):
        return f"{f.particle}zu{f.verb[len(f.particle) :]}"
    return f"zu {f.verb}"


def _present(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{rng.choice(LEADS)}{{A}} {f.present} {f.middle}{rng.choice(TAILS)} {f.particle}", f.relation()


def _inverted(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return (
        f"{rng.choice(WHEN)} {rng.choice((f.present, f.past))} {{A}} {f.middle} {f.particle}.",
        f.relation(),
    )


def _perfect(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} {perfect(f)} {f.middle}{rng.choice(TAILS)} {f.participle}.", f.relation()


def _that(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{rng.choice(REPORT)}, dass {{A}} {f.middle} {final(f)}.", f.relation()


def _passive(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if not f.passive:
        return None
    slot = "{Bn}" if "{B}" in f.middle else "{D}"
    verb = rng.choice(("wird", "wurde"))
    return f"{slot} {verb} von {{Ad}}{rng.choice(TAILS)} {f.rest} {f.participle}.", f.relation()


def _passive_headline(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if not f.passive or "{B}" not in f.middle:
        return None
    return f"{rng.choice(LEADS)}{{Bn}} von {{Ad}} {f.rest} {f.participle}", f.relation()


def _nominal(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if not f.nominal:
        return None
    if f.mutual:
        noun = f.nominal.split(" mit ")[0].split(" von ")[0]
        return f"{noun} zwischen {{Ad}} und {{D}}{rng.choice(TAILS)}", f.relation()
    forms = ("{n} von {{Ad}}{t}", "Deutlich: {n} von {{Ad}}", "{n} kommt nun von {{Ad}}.", "{{A}}: {n}{t}")
    return rng.choice(forms).format(n=f.nominal, t=rng.choice(TAILS)), f.relation()


def _relative(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}}, {{Ar}} {f.middle} {final(f)}, {rng.choice(QUIET)}.", f.relation()


def _will(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} will {f.middle}{rng.choice(TAILS)} {f.verb}", f.relation()


def _announces(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    verb = {
        "h": ("droht damit", "kündigt an", "erwägt"),
        "f": ("verspricht", "kündigt an"),
        "n": ("plant", "kündigt an"),
    }
    return f"{{A}} {rng.choice(verb[f.polarity])}, {f.middle} {to_infinitive(f)}.", f.relation()


def _allegedly(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    have = "sein" if "i" in f.flags else "haben"
    return f"{{A}} soll {f.middle} {f.participle} {have}.", f.relation()


def _will_not(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} will {f.middle} nicht {f.verb}.", []


def _denies(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    have = "sein" if "i" in f.flags else "haben"
    return f"{{A}} {rng.choice(('bestreitet', 'dementiert'))}, {f.middle} {f.participle} zu {have}.", []


def _never(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} {perfect(f)} {f.middle} nie {f.participle}.", []


def _object_first(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    start = f.middle.split("}")[0].split()
    if f.middle.startswith(("{B}", "{D}")):
        slot = f.middle.split("}")[0] + "!}"  # only an actor whose case shows
        return f"{slot} {rng.choice((f.present, f.past))} {{A}} {f.rest} {f.particle}.", f.relation()
    if len(start) == 2 and start[0] in {"gegen", "mit", "vor", "über", "von", "auf", "für", "in", "hinter"}:
        first = f.middle.split("}")[0] + "}"
        return f"{first} {rng.choice((f.present, f.past))} {{A}} {f.rest} {f.particle}.", f.relation()
    return None


def _bystander(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    forms = (
        f"{{A}} {f.present} {f.middle} {f.particle}; {{C}} äußert sich nicht.",
        f"{{A}} {f.present} {f.middle} {f.particle}, während {{C}} in Paris weilt.",
        f"{{C}} sah zu, wie {{A}} {f.middle} {final(f)}.",
        f"Im Beisein von {{Cd}} {f.present} {{A}} {f.middle} {f.particle}.",
    )
    return rng.choice(forms), f.relation()


def _two_on_third(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said] | None:
    if f.polarity == "n":
        return None
    text = f"Erst {f.present} {{A}} {f.middle} {f.particle}, dann auch {{C}}."
    return text, f.relation() + f.relation(2, 1)


def _one_on_two(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    both = f.middle.replace("{B}", "{B} und {Ca}").replace("{D}", "{D} und {Cd}")
    return f"{{A}} {f.present} {both} {f.particle}.", f.relation() + f.relation(0, 2)


def _opponents(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    who = rng.choice((("die Gegner", "den Gegnern"), ("einen Kritiker", "einem Kritiker"), ("die Nachbarn", "den Nachbarn"),
                      ("den Bruder", "dem Bruder"), ("die Rivalen", "den Rivalen")))  # fmt: skip
    in_slot = ("{B}", f"{who[0]} von {{D}}") if "{B}" in f.middle else ("{D}", f"{who[1]} von {{D}}")
    middle = f.middle.replace(*in_slot)
    return f"{{A}} {f.present} {middle} {f.particle}.", []


def _answers(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    back = {
        "h": ("weist das zurück", "kontert scharf", "schlägt zurück", "nennt das Unsinn", "wehrt sich"),
        "f": ("bedankt sich", "zeigt sich gerührt", "gibt das Lob zurück"),
    }
    if f.polarity == "n":
        return None
    said = {(0, 1, f.polarity), (1, 0, f.polarity)}
    return f"{{A}} {f.present} {f.middle} {f.particle} – {{Bn}} {rng.choice(back[f.polarity])}.", sorted(said)


def _then_and_now(f: Frame, g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if "n" in (f.polarity, g.polarity) or f.polarity == g.polarity or f.split != g.split:
        return None
    then, now = rng.choice(
        (("Früher", "heute"), ("Noch im Sommer", "jetzt"), ("Einst", "nun"), ("Jahrelang", "inzwischen"))
    )
    later = g.middle.replace("{B}", "{Bp}").replace("{D}", "{Dp}")
    text = f"{then} {f.past} {{A}} {f.middle} {f.particle}, {now} {g.present} {{Ap}} {later} {g.particle}."
    return text, g.relation()


# Others act, or are acted on: whoever is marked in these has nothing to do with one another.
OTHERS = (("den Papst", "dem Papst"), ("die Richter", "den Richtern"), ("die Opposition", "der Opposition"),
          ("den Betriebsrat", "dem Betriebsrat"), ("die Presse", "der Presse"), ("einen Reporter", "einem Reporter"))  # fmt: skip
AGENTS = ("Eine Gewerkschaft", "Die Opposition", "Der Papst", "Ein Richter", "Die Aufsicht", "Ein Historiker", "Greta Thunfeld",
          "Die Kanzlerin", "Ein Verband", "Eine Anlegerin", "Der Ausschuss", "Die EU")  # fmt: skip


def _by_others(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    both = f.middle.replace("{B}", "{B} und {Ca}").replace("{D}", "{D} und {Cd}")
    return f"{rng.choice(AGENTS)} {f.present} {both}{rng.choice(TAILS)} {f.particle}.", []


def _on_others(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    accusative, dative = rng.choice(OTHERS)
    middle = f.middle.replace("{B}", accusative).replace("{D}", dative)
    forms = ("Wie {C} {v} auch {A} {m} {p}.", "{A} {v} {m} {p}, {C} nicht.", "{C0}-Chef {A} {v} {m} {p}",
             "Bei einem Auftritt mit {Cd} {v} {A} {m} {p}.", "{A} {v} {m} {p}; {C} verliert an der Börse.")  # fmt: skip
    chosen = rng.choice(forms)
    return chosen.replace("{v}", f.present).replace("{m}", middle).replace("{p}", f.particle), []


def _chief(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{C0}}-Chef {{A0}} {f.present} {f.middle}{rng.choice(TAILS)} {f.particle}", f.relation()


def _own_firm(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{C0}}, die Firma von {{Ad}}, {f.present} {f.middle} {f.particle}.", f.relation() + f.relation(
        2, 1
    )


VERB_TEMPLATES: dict[str, Template] = {
    "present": _present, "inverted": _inverted, "perfect": _perfect, "that": _that, "passive": _passive,
    "passive-headline": _passive_headline, "nominal": _nominal, "relative": _relative, "will": _will,
    "announces": _announces, "allegedly": _allegedly, "will-not": _will_not, "denies": _denies, "never": _never,
    "object-first": _object_first, "bystander": _bystander, "two-on-third": _two_on_third, "one-on-two": _one_on_two,
    "opponents": _opponents, "answers": _answers, "then-and-now": _then_and_now,
    "by-others": _by_others, "on-others": _on_others, "chief": _chief, "own-firm": _own_firm,
}  # fmt: skip

NOUNS = {
    "h": "Streit,Zoff,Krach,Zwist,Fehde,Konflikt,Machtkampf,Schlagabtausch,Zerwürfnis,Bruch,Eiszeit,Clinch,Feindschaft,"
    "Krieg der Worte,Rosenkrieg,Schlammschlacht,Hass,Misstrauen,Entfremdung,Dauerfehde,Eskalation,böses Blut",
    "f": "Freundschaft,Bündnis,Partnerschaft,Schulterschluss,Versöhnung,Einigkeit,Harmonie,Frieden,Zusammenarbeit,"
    "Männerfreundschaft,Allianz,Vertrauen,Pakt,Eintracht,Waffenbrüderschaft",
    "n": "Gespräch,Treffen,Telefonat,Verhandlung,Vergleich,Duell um den Pokal,Wahl,Handel,Vertrag,Briefwechsel,Debatte,"
    "Tausch,Fernsehduell,Termin",
}
NOUN_TEMPLATES = (
    "{N} zwischen {Ad} und {D}", "{N} zwischen {Ad} und {D}: Was bisher bekannt ist", "Neuer {N} zwischen {Ad} und {D}?",
    "{A0}-{B0}-{K}: Die wichtigsten Fragen", "Der {A0}-{B0}-{K} beschäftigt Washington", "{A} und {Bn}: {N} ohne Ende",
    "Zwischen {Ad} und {D} herrscht {N}.", "Wie es zum {N} zwischen {Ad} und {D} kam", "{N}! {A} und {Bn} im Fokus",
    "Alles zum {N} zwischen {Ad} und {D}", "Experten zum {N} von {Ad} und {D}",
)  # fmt: skip
NOUN_TEST = ("Zwischen {Ad} und {D} herrscht {N}.", "Alles zum {N} zwischen {Ad} und {D}")

# No verb between the two: everything here is neutral, however grim or glad the news.
TOGETHER = (
    "{A} und {Bn} im Überblick: die Nachrichten des Tages", "{A}, {Bn} und {C} stehen auf der Gästeliste.",
    "Gegen {B} und {A} wird ermittelt.", "Schlechte Zahlen bei {Ad}, gute bei {D}.", "{A} und {Bn} kommen nach Hamburg.",
    "Ein Gericht verurteilt {B} und {Ca} zu Geldstrafen; {A} sagte als Zeuge aus.", "Umfrage: {A} vor {D}",
    "{A} verliert an Ansehen, {Bn} gewinnt.", "Proteste gegen {B} und gegen {Ca} in vielen Städten",
    "Fans feiern {B} und {Ca}.", "Kritiker halten {B} und {Ca} für überschätzt.", "{A} feiert Geburtstag, {Bn} auch.",
    "Nach {D} meldet auch {A} Rekordzahlen.", "Die Aktien von {Ad} und {D} brechen ein.", "{A} liegt vor {D}.",
    "Was {A} und {Bn} am Wochenende sagten", "{A} arbeitete früher in Köln, {Bn} in Wien.", "Porträt: {A}, {Bn}, {C}",
    "Sowohl {A} als auch {Bn} treten im Herbst an.", "Ein Wechsel von {Ad} zu {D} kostet Zeit.", "{A} statt {D}: der Test",
    "Bei {Ad} brennt es, bei {D} wird gestreikt.", "Das Urteil gegen {B} kam einen Tag nach dem von {Ad}.",
    "Der Minister attackiert {B} und lobt {Ca}.", "Die Opposition wirft {D} vor, zu wenig für {Ca} zu tun.",
    "Anleger streiten: {A} oder {Bn}?", "Wegen {Ad} geraten auch Zulieferer von {D} in Not.", "{A} neben {D} im Museum",
    "Tausende demonstrieren gegen den Einfluss von {Ad} auf die Politik; {Bn} ist verreist.",
    "{C0}-Chef {A} warnt vor einer Krise.", "{C0}-Chef {A} rechnet mit Rekordgewinn.", "{A} verlässt {B}.",
    "{C0}, die Firma von {Ad}, sammelt Milliarden ein.", "{A}: Firma {B0} entlässt Hunderte.", "{A} und seine Firma {B0}",
    "Die Aufsicht ermittelt gegen {Ca}, das Unternehmen von {Ad}.", "Ärger für {C} und Gründer {A}",
    "Umstrittene Bilder: Behörde verwarnt {C0}, das zum Reich von {Ad} gehört.", "{A} will {C} an die Börse bringen.",
    "Geleakte Mails belasten {B} und {Ca}.", "{A} zieht Investoren an, {Bn} verliert sie.", "Die Karriere von {Ad} und {D}",
)  # fmt: skip
TOGETHER_TEST = TOGETHER[::5]
