"""Episodes: a fold over event time that finds where a subject left its level, and where it came back.

The grid is an hour. At each step the rule sees only what was published up to then. A step is a pure function
of the voices and of the state before it; states are kept as checkpoints, so that a late story costs only the
steps that follow it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace

from processors.alarm import clears, onset_of, rings
from processors.episode import Change, ChangeState, Episode, State
from processors.panel import Look, Panel
from processors.rules import Rules
from processors.windows import DAY_S, Baseline, shown

HOUR_S = 3600


class Fold:
    """The fold of one subject, with checkpoints."""

    def __init__(self, panel: Panel, rules: Rules) -> None:
        self._panel = panel
        self._rules = rules
        self._states: list[tuple[int, State]] = [(-1, State())]  # (hour of the change, state from then on)
        self._until = -1

    @property
    def state(self) -> State:
        """The state after the last step taken."""
        return self._states[-1][1]

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Every episode so far, in order."""
        state = self.state
        return state.closed if state.open is None else (*state.closed, state.open)

    def rewind(self, at: int) -> None:
        """Take back every step that saw time `at`: a voice of that time came, went or changed."""
        hour = _ceil(at)
        while len(self._states) > 1 and self._states[-1][0] >= hour:
            self._states.pop()
        self._until = min(self._until, hour - HOUR_S)
        self._panel.forget(at)

    def drop(self, before: int) -> None:
        """Drop the checkpoints older than `before`, but the one that holds at that time."""
        kept = bisect_right(self._states, before, key=lambda entry: entry[0])
        del self._states[: kept - 1]

    def run(self, until: int) -> None:
        """Take the steps up to the hour `until`, those in which nothing can change left out."""
        while (hour := self._next()) is not None and hour <= until:
            before = self.state
            after = self._step(hour, before)
            if after != before:
                self._states.append((hour, after))
            self._until = hour
        self._until = max(self._until, until)

    def due(self) -> int | None:
        """Return the next hour that needs a step, None while only a new story can change anything."""
        return self._next()

    def _next(self) -> int | None:
        if self.state.open is not None:
            return self._until + HOUR_S
        following = self._panel.first_after(self._until)
        return None if following is None else _ceil(following)

    def _step(self, hour: int, state: State) -> State:
        if state.open is None:
            return self._watch(hour, state)
        return self._follow(hour, state, state.open)

    def _watch(self, hour: int, state: State) -> State:
        """Look for the beginning of an episode: in the shortest window that rings."""
        for hours in self._rules.test_hours:
            baseline = self._panel.baseline(hour, hours, state.closed)
            if baseline is None:
                continue
            since = hour - hours * HOUR_S
            look = self._panel.look(since, hour, baseline)
            if look is None or not rings(look, baseline, self._rules) or self._cooling(hour, look, state):
                continue
            return replace(state, open=self._opened(hour, since, look, baseline))
        return state

    def _cooling(self, hour: int, look: Look, state: State) -> bool:
        """Whether an episode of this direction ended so lately that this is not another one."""
        latest = hour - self._rules.cooldown_days * DAY_S
        return any(
            episode.sign == look.sign and episode.ended is not None and episode.ended > latest
            for episode in state.closed
        )

    def _opened(self, hour: int, since: int, look: Look, baseline: Baseline) -> Episode:
        voices = self._panel.between(since - (hour - since), hour)
        onset = onset_of(voices, baseline.mean, look.window.mean)
        return Episode(
            sign=look.sign,
            onset=onset,
            detected=hour,
            since=since,
            baseline=baseline,
            changes=(self._change("opened", hour, look, max(since, onset - 1), baseline),),
            backfill=all(voice.row.backfill for voice in self._panel.between(since, hour)),
        )

    def _follow(self, hour: int, state: State, episode: Episode) -> State:
        episode = self._strengthened(hour, episode)
        look = self._recent(hour, episode)
        if look is None:
            state = replace(state, open=episode, thin_since=state.thin_since or hour)
        elif clears(look, episode.sign, max(abs(c.effect) for c in episode.changes), self._rules):
            state = replace(state, open=episode, thin_since=None, clear_since=state.clear_since or hour)
        else:
            state = replace(state, open=episode, thin_since=None, clear_since=None)
        return self._settled(hour, state, episode)

    def _strengthened(self, hour: int, episode: Episode) -> Episode:
        rules, last = self._rules, episode.last
        due = hour - last.at >= rules.strengthen_gap_hours * HOUR_S
        if not due or not self._panel.spoke(hour - HOUR_S, hour):
            return episode
        for hours in rules.test_hours:
            since = hour - hours * HOUR_S
            look = self._panel.look(max(since, episode.since), hour, episode.baseline)
            if look is None or look.sign != episode.sign or not rings(look, episode.baseline, rules):
                continue
            grown = abs(look.z) >= abs(last.statistic) + rules.strengthen_step
            deeper = abs(look.delta) >= abs(last.effect) + rules.strengthen_effect
            if grown or deeper:
                since = max(since, episode.onset - 1)
                change = self._change("strengthened", hour, look, since, episode.baseline)
                return replace(episode, changes=(*episode.changes, change))
        return episode

    def _recent(self, hour: int, episode: Episode) -> Look | None:
        """Return the shortest look back, not before the episode, in which enough speak."""
        for hours in self._rules.look_hours:
            since = max(hour - hours * HOUR_S, episode.onset - 1)
            look = self._panel.look(since, hour, episode.baseline)
            if look is not None and look.window.n >= self._rules.min_publishers:
                return look
        return None

    def _settled(self, hour: int, state: State, episode: Episode) -> State:
        rules = self._rules
        back = state.clear_since is not None and hour - state.clear_since >= rules.clear_hours * HOUR_S
        faded = state.thin_since is not None and hour - state.thin_since >= rules.fade_days * DAY_S
        normal = hour - episode.onset >= rules.normal_days * DAY_S and state.clear_since is None
        if not (back or faded or normal):
            return state
        change = replace(episode.last, state="settled", at=hour)  # its numbers stay those of the shift
        ended = replace(
            episode, changes=(*episode.changes, change), ended=hour, normal=normal and not (back or faded)
        )
        return State(closed=(*state.closed, ended))

    def _change(self, state: ChangeState, hour: int, look: Look, since: int, baseline: Baseline) -> Change:
        """Return a change whose `after` is the new level alone, unless too few have spoken of it yet."""
        fresh = self._panel.look(since, hour, baseline)
        enough = fresh is not None and fresh.window.n >= self._rules.min_publishers
        window = fresh.window if fresh is not None and enough else look.window
        after = shown(window, baseline, self._rules)
        return Change(state, hour, look.z, look.delta, baseline.shown, after)


def _ceil(at: int) -> int:
    return math.ceil(at / HOUR_S) * HOUR_S
