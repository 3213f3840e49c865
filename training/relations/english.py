"""English sentence templates: voices, nominal headlines, negation, hard neutrals. Slots as in german.py."""

from __future__ import annotations

import random

from training.relations.frames import Frame
from training.relations.german import Said, Template

LEADS = (
    "",
    "",
    "",
    "Breaking: ",
    "After the vote: ",
    "Live on air: ",
    "Report: ",
    "Exclusive: ",
    "Surprise move: ",
)
TAILS = ("", "", "", " over tariffs", " in parliament", " at the party conference", " on live television", " in an interview",
         " after the summit", " online", " on Monday", " days before the final", " at the shareholders' meeting")  # fmt: skip
WHEN = ("On Tuesday", "Yesterday", "In Washington", "In front of reporters", "In a post on X", "After the match",
        "As expected", "In a surprise", "At the premiere", "Last autumn", "Hours later")  # fmt: skip
REPORT = (
    "Insiders say",
    "The paper reports that",
    "Observers note that",
    "It is widely known that",
    "Aides confirm that",
)
QUIET = (
    "arrived in Rome last night",
    "will give a speech today",
    "could not be reached on Friday",
    "lives in Boston",
)


def middle(f: Frame) -> str:
    """Return the rest of the clause with a neutral reflexive."""
    return f.middle.replace("itself", "{Aself}")


def _present(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{rng.choice(LEADS)}{{A}} {f.present} {middle(f)}{rng.choice(TAILS)}", f.relation()


def _past(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{rng.choice(WHEN)}, {{A}} {f.past} {middle(f)}.", f.relation()


def _perfect(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} has {f.participle} {middle(f)}{rng.choice(TAILS)}.", f.relation()


def _progressive(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} is {rng.choice(('', 'now ', 'openly '))}{f.particle} {middle(f)}.", f.relation()


def _that(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{rng.choice(REPORT)} {{A}} {f.past} {middle(f)}.", f.relation()


def _passive(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if not f.passive:
        return None
    verb = rng.choice(("was", "is being", "has been"))
    return f"{{B}} {verb} {f.participle} {f.rest} by {{A}}{rng.choice(TAILS)}.", f.relation()


def _passive_headline(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    return (f"{rng.choice(LEADS)}{{B}} {f.participle} {f.rest} by {{A}}", f.relation()) if f.passive else None


def _nominal(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if not f.nominal:
        return None
    if f.mutual and " with " in f.nominal:
        noun = f.nominal.split(" with ")[0]
        return f"{noun} between {{A}} and {{B}}{rng.choice(TAILS)}", f.relation()
    forms = (
        "{n} from {a}{t}",
        "{n} comes from {a}.",
        "{a}: {n}{t}",
        "{a} in the news for {n}",
        "{a}'s {n}{t}",
    )
    return rng.choice(forms).format(n=f.nominal, a="{A}", t=rng.choice(TAILS)), f.relation()


def _relative(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}}, {{Ar}} {f.past} {middle(f)}, {rng.choice(QUIET)}.", f.relation()


def _participle(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} made headlines by {f.particle} {middle(f)}{rng.choice(TAILS)}.", f.relation()


def _to(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    verb = {
        "h": ("threatens to", "vows to", "plans to", "is set to"),
        "f": ("promises to", "plans to"),
        "n": ("plans to", "to"),
    }
    return f"{{A}} {rng.choice(verb[f.polarity])} {f.base} {middle(f)}", f.relation()


def _allegedly(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} is said to have {f.participle} {middle(f)}.", f.relation()


def _will_not(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return (
        f"{{A}} {rng.choice(('will not', 'does not want to', 'has no plans to'))} {f.base} {middle(f)}.",
        [],
    )


def _denies(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} denies {f.particle} {middle(f)}.", []


def _never(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} has never {f.participle} {middle(f)}.", []


def _bystander(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    forms = (
        f"{{A}} {f.present} {middle(f)}; {{C}} declined to comment.",
        f"{{A}} {f.present} {middle(f)} while {{C}} is in Paris.",
        f"{{C}} looked on as {{A}} {f.past} {middle(f)}.",
        f"Standing next to {{C}}, {{A}} {f.past} {middle(f)}.",
    )
    return rng.choice(forms), f.relation()


def _two_on_third(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said] | None:
    if f.polarity == "n":
        return None
    return f"First {{A}} {f.past} {middle(f)}, then {{C}} did the same.", f.relation() + f.relation(2, 1)


def _one_on_two(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A}} {f.past} {middle(f).replace('{B}', '{B} and {C}')}.", f.relation() + f.relation(0, 2)


def _opponents(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    who = rng.choice(
        (
            "the opponents of {B}",
            "a critic of {B}",
            "a rival of {B}",
            "the neighbours of {B}",
            "the brother of {B}",
        )
    )
    return f"{{A}} {f.past} {middle(f).replace('{B}', who)}.", []


def _answers(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    back = {
        "h": ("hits back", "calls it nonsense", "rejects this", "strikes back", "says it is false"),
        "f": ("says thank you", "is touched", "returns the compliment"),
    }
    if f.polarity == "n":
        return None
    said = {(0, 1, f.polarity), (1, 0, f.polarity)}
    return f"{{A}} {f.present} {middle(f)} – {{B}} {rng.choice(back[f.polarity])}.", sorted(said)


def _then_and_now(f: Frame, g: Frame, rng: random.Random) -> tuple[str, Said] | None:
    if "n" in (f.polarity, g.polarity) or f.polarity == g.polarity or f.split != g.split:
        return None
    then, now = rng.choice(
        (("Once", "now"), ("Last summer", "now"), ("For years", "today"), ("In the past", "these days"))
    )
    later = middle(g).replace("{B}", "{Bp}")
    return f"{then} {{A}} {f.past} {middle(f)}, {now} {{Ap}} {g.present} {later}.", g.relation()


OTHERS = ("the Pope", "the judges", "the opposition", "the works council", "the press", "a reporter")
AGENTS = ("A union", "The opposition", "The Pope", "A judge", "The regulator", "A historian", "Greta Thunfield",
          "The attorney general", "An investor", "The committee", "Brussels", "Critics of the deal")  # fmt: skip


def _by_others(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    both = f.middle.replace("{B}", rng.choice(("{B} and {C}", "{B} and also {C}"))).replace(
        "itself", "themselves"
    )
    return f"{rng.choice(AGENTS)} {f.past} {both}{rng.choice(TAILS)}.", []


def _on_others(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    rest = middle(f).replace("{B}", rng.choice(OTHERS))
    forms = ("{A} and {C} {v} {m}.", "{A} {v} {m} but {C} did not.", "{C0} chief {A} {v} {m}", "{C0}'s {A} {v} {m}",
             "At an event with {C}, {A} {v} {m}.", "{A} {v} {m}; shares in {C} fell.", "{A}'s {C0} {v} {m}")  # fmt: skip
    return rng.choice(forms).replace("{v}", f.past).replace("{m}", rest.replace("{Aself}", "itself")), []


def _chief(f: Frame, _g: Frame, rng: random.Random) -> tuple[str, Said]:
    return (
        f"{rng.choice(('{C0} chief', '{C0} CEO', '{C0} boss'))} {{A0}} {f.present} {middle(f)}",
        f.relation(),
    )


def _own_firm(f: Frame, _g: Frame, _rng: random.Random) -> tuple[str, Said]:
    return f"{{A0}}'s {{C0}} {f.present} {f.middle}", f.relation() + f.relation(2, 1)


VERB_TEMPLATES: dict[str, Template] = {
    "present": _present, "past": _past, "perfect": _perfect, "progressive": _progressive, "that": _that,
    "passive": _passive, "passive-headline": _passive_headline, "nominal": _nominal, "relative": _relative,
    "participle": _participle, "to": _to, "allegedly": _allegedly, "will-not": _will_not, "denies": _denies,
    "never": _never, "bystander": _bystander, "two-on-third": _two_on_third, "one-on-two": _one_on_two,
    "opponents": _opponents, "answers": _answers, "then-and-now": _then_and_now,
    "by-others": _by_others, "on-others": _on_others, "chief": _chief, "own-firm": _own_firm,
}  # fmt: skip

NOUNS = {
    "h": "feud,rift,row,spat,fight,conflict,power struggle,falling-out,split,breakup,war of words,bad blood,enmity,"
    "clash,showdown,bitter dispute,hatred,mistrust,estrangement,slanging match,hostility,tension",
    "f": "friendship,alliance,partnership,bromance,reconciliation,unity,harmony,truce,cooperation,trust,pact,goodwill,"
    "solidarity,close bond",
    "n": "talks,meeting,phone call,negotiations,comparison,cup final,election,trade,contract,exchange of letters,debate,"
    "swap,television debate,appointment",
}
NOUN_TEMPLATES = (
    "{N} between {A} and {B}", "{N} between {A} and {B}: what we know", "New {N} between {A} and {B}?",
    "The {A0}-{B0} {N}: key questions", "{A0}-{B0} {N} grips Washington", "{A} and {B}: a {N} without end",
    "How the {N} between {A} and {B} began", "{N}! {A} and {B} in focus", "Inside the {N} of {A} and {B}",
    "Everything about the {N} between {A} and {B}", "Experts on the {N} involving {A} and {B}",
)  # fmt: skip
NOUN_TEST = ("Inside the {N} of {A} and {B}", "New {N} between {A} and {B}?")

TOGETHER = (
    "{A} and {B} at a glance: the day's news", "{A}, {B} and {C} are on the guest list.",
    "Police are investigating {A} and {B}.", "Poor results at {A}, strong ones at {B}.", "{A} and {B} are coming to Boston.",
    "A court fined {B} and {C}; {A} testified as a witness.", "Poll: {A} ahead of {B}", "{A} loses standing as {B} gains.",
    "Protests against {B} and against {C} in many cities", "Fans cheer {B} and {C}.", "Critics call {B} and {C} overrated.",
    "{A} turns fifty, and so does {B}.", "After {B}, {A} reports record profit, too.", "Shares of {A} and {B} plunge.",
    "{A} leads {B} by two points.", "What {A} and {B} said at the weekend", "{A} used to work in Leeds, {B} in York.",
    "Portraits: {A}, {B}, {C}", "Both {A} and {B} will stand in autumn.", "Switching from {A} to {B} takes time.",
    "{A} or {B}: the test", "Fire at {A}, strike at {B}.", "The verdict on {B} came a day after that on {A}.",
    "The minister attacks {B} and praises {C}.", "The opposition accuses {B} of doing too little for {C}.",
    "Investors argue: {A} or {B}?", "Trouble at {A} hurts suppliers of {B}, too.", "{A} hangs next to {B} in the museum.",
    "Thousands march against the influence of {A}; {B} is abroad.", "Leaked mails embarrass {B} and {C}.",
    "{C0} CEO {A} warns of a crisis.", "{C0} chief {A} expects record profit.", "{A} leaves {B}.", "{A}'s {C0} raises billions.",
    "{A}'s {C0} lays off hundreds.", "Regulators open a probe into {A}'s {C0}.", "Trouble for {C} and founder {A}",
    "{A} plans to take {C} public.", "{A}'s {C0} restricts service after outcry.", "Mother of {A}'s child sues {C}.",
    "{A}'s {C0} to build a plant in Ohio", "Watchdog warns {C0}, which is owned by {A}.", "{A} says {C} will move to Texas.",
    "{A} attracts investors while {B} loses them.", "The careers of {A} and {B}",
)  # fmt: skip
TOGETHER_TEST = TOGETHER[::5]
