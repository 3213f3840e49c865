from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from demo import corpus
from demo.configuration import POLL_S
from demo.steps import EVENING, steps


def test_every_version_of_every_article_stands_in_its_feed_at_a_step() -> None:
    recorded = corpus.load()
    moments = steps(recorded)
    for article in recorded.articles:
        seen = {article.words(moment) for moment in moments if article.stands(moment)}
        assert len(seen) == 1 + len(article.edits), article.id
        if article.deleted:
            assert any(article.withdrawn(moment) for moment in moments), article.id


def test_steps_are_the_evenings_of_days_on_which_a_feed_changes_and_few_more() -> None:
    recorded = corpus.load()
    moments = steps(recorded)
    days = {change.date() for article in recorded.articles for change in article.changes()}
    evenings = [moment for moment in moments if moment.timetz() == EVENING]
    assert {moment.date() for moment in moments} == days
    assert len(evenings) == len(days)
    assert len(moments) <= len(days) + 30


def test_every_feed_is_due_again_at_the_next_step_even_after_a_failed_poll() -> None:
    gaps = [later - earlier for earlier, later in pairwise(steps(corpus.load()))]
    assert min(gaps) > timedelta(seconds=2.5 * POLL_S)
