"""Drawing a trial's pages takes time in proportion to its texts, whatever they contain."""

import time
from datetime import date
from functools import partial
from typing import Any, Final

import pytest

from projections.trial.document import Document
from registry.pages.rendering import html
from registry.pages.showing import timeline_shown, trial_shown
from registry.pages.words import Language, words_in
from tests.projections.test_linear import TEXTS
from tests.projections.trials import folded, registered, site_added
from tests.support.linear import assert_linear

LENGTH: Final = 40_000
WORDS: Final = words_in(Language.JAPANESE)
FEW: Final = 0.03
"""Seconds that are too short to compare, and too short to harm anybody."""
WORST: Final = TEXTS | {
    "directions": "\u2067\u05d0\u2069\u202b" * LENGTH,
    "right to left": "\u05d0\n" * LENGTH,
    "escaped": "<&\"'" * LENGTH,
    "breaks": " \n" * LENGTH,
    "blanks, then a break": " " * (LENGTH - 1) + "\n" + " " * LENGTH,
}


def trial_of(text: str) -> Document:
    """A trial whose every long text is this one, as an older program may have let in."""
    document = folded(registered(), site_added())
    both = {"ja": text, "en": text}
    texts = {"description": both, "plain_summary": both, "public_title": both}
    return {**document, "registration": document["registration"] | texts}


def event_of(text: str) -> dict[str, Any]:
    """An event that changes the text, as the API answers it."""
    return {
        "type": "trial.amended.v1",
        "version": 2,
        "position": "0-1",
        "recorded": "2026-11-28T00:00:00.000Z",
        "organisation": text,
        "data": {"why": {"ja": text}},
        "changes": [{"field": "/registration/description/ja", "old": text, "new": text + "a"}],
    }


def seconds(template: str, text: str) -> float:
    """Of processor time."""
    document, events = trial_of(text), [event_of(text)]
    began = time.thread_time()
    shown = trial_shown if template == "trial.html" else timeline_shown
    content = {**shown(WORDS, document, events, "", date(2026, 11, 28)), "lacks": None, "after": 0, "following": None}
    drawn = html(template, "Registry", "/trials/1", {}, content)
    took = time.thread_time() - began
    assert len(drawn) > len(text)
    return took


@pytest.mark.parametrize("name", WORST)
@pytest.mark.parametrize("template", ["trial.html", "timeline.html"])
def test_twice_the_text_takes_some_twice_as_long_to_draw(template: str, name: str) -> None:
    text = (WORST[name] * (2 * LENGTH // len(WORST[name]) + 1))[: 2 * LENGTH]

    assert assert_linear(partial(seconds, template), text, FEW) < 1
