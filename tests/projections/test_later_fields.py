"""A field or a word of a later program, at a revision that is known here, is held by both folds: none shows half of it.

The inputs are those by which the review of stored forms found that no event could gain a field (N1), or that one that
narrows what is said would be misread (N2).
"""

from typing import Any, Final

import pytest
from pydantic import ValidationError

from events.catalogue import EVENTS, payload_of
from events.schemas.values import Value
from projections.trial.document import evolve
from tests.projections.trials import event_of, registered, site_added, trial_id

STORED: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "the country of a site that opened": (
        "trial.site-opened.v1",
        {"site": "site-1", "was": "not_yet", "on": "2026-11-01"},
        {"country": "JP"},
    ),
    "a track of a publication": (
        "trial.published.v1",
        {"number": "JTR2026000017", "registered": "2026-11-01"},
        {"fast_track": True},
    ),
    "the basis of a verification": (
        "trial.site-verified.v1",
        {"site": "site-1", "status": "recruiting", "on": "2026-11-01"},
        {"basis": "visit"},
    ),
    "who counted": (
        "trial.enrolment-reported.v1",
        {"site": "site-1", "enrolled": 3, "on": "2026-11-01"},
        {"by": "monitor"},
    ),
    "a status of authorisation": (
        "trial.authorisation-changed.v1",
        {"was": "draft", "now": "filed", "on": "2026-11-01"},
        {"now": "permitted"},
    ),
    "a field of the registration": (
        "trial.registered.v1",
        {"owner": "sponsor", "registration": {"public_title": {"en": "A"}}},
        {"registration": {"public_title": {"en": "A"}, "fast_track": True}},
    ),
    "the country of a first participant": (
        "trial.first-participant-recorded.v1",
        {"on": "2026-11-01"},
        {"country": "US"},
    ),
}
"""By name: a type, what is known of it today, and what a later program says in addition or instead."""


@pytest.mark.parametrize("what", STORED)
def test_what_a_later_program_added_is_held_by_decisions_and_by_the_document(what: str) -> None:
    kind, today, later = STORED[what]
    payload: Value = EVENTS[kind].from_stored(today)
    before = None
    if kind != "trial.registered.v1":
        for version, one in enumerate((registered(), site_added()), 1):
            before = evolve(before, event_of(trial_id(1), version, one))
    event = event_of(trial_id(1), 1 if before is None else 3, payload)
    assert evolve(before, event)["version"] == event.version
    event.record.data.update(later)

    with pytest.raises(ValidationError):
        payload_of(event.record)
    with pytest.raises(ValidationError):
        evolve(before, event)
