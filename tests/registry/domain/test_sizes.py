"""How much a trial may hold: what is refused at the door, and that real records are far from it."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from adapters.catalogue import SOURCES
from adapters.reading import Parsed
from events import canonical, sealing
from events.admission import Head
from events.port import MAX_MESSAGE_BYTES
from events.record import encode
from events.schemas.registration import Registration, Results
from events.schemas.trial import Site
from events.schemas.values import SealedText
from registry.domain.decider import Command
from registry.domain.trial import commands as do
from registry.domain.trial import sizes
from registry.domain.trial.decide import decide
from registry.domain.trial.state import State
from registry.exchange.partners import records_of
from tests.projections.trials import record, source
from tests.registry.domain.test_trial import ADD, CONTEXT, PUBLISH, REGISTER, after, rules_against
from tests.support.ctgov import SAMPLES
from tests.support.ictrp import EXPORT, UPLOAD
from tests.support.trials import partner_study, sealed_registration

LONG = {"ja": "あ" * 70_000, "en": "い" * 70_000}
"""420,000 bytes."""


def described(**fields: Any) -> Registration:
    return Registration.model_validate(fields)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (None, do.RegisterTrial(registration=sealed_registration(description=LONG, plain_summary=LONG))),
        (
            after(do.RegisterTrial(registration=sealed_registration(description=LONG))),
            do.AmendTrial(reason="Longer", registration=described(plain_summary=LONG)),
        ),
        (
            after(do.RegisterTrial(registration=sealed_registration(description=LONG))),
            do.CorrectTrial(reason="Longer", corrects=1, registration=described(plain_summary=LONG)),
        ),
        (
            after(do.RegisterTrial(registration=sealed_registration(description=LONG)), PUBLISH),
            do.PostResults(results=Results.model_validate({"summary": LONG})),
        ),
    ],
    ids=["register", "amend", "correct", "post results"],
)
def test_a_registration_grows_only_so_far_that_it_can_be_amended(state: State, command: Command) -> None:
    assert rules_against(state, command) == {"too-large"}


def test_an_amendment_of_all_that_a_registration_may_hold_fits_into_one_record() -> None:
    def full(letter: str) -> dict[str, Any]:
        outcomes = [{"rank": "primary", "measure": {"en": letter}}] * 1_000
        texts = {name: {"ja": letter * 20_000, "en": letter * 20_000} for name in ("description", "plain_summary")}
        return sealed_registration(
            **texts, outcomes=outcomes, conditions=[{"name": {"ja": letter * 95_000}}]
        ).to_stored()

    before, amendment = full("あ"), full("い")
    assert 0.8 * sizes.REGISTRATION_BYTES < len(canonical.to_json(before)) <= sizes.REGISTRATION_BYTES
    state = after(do.RegisterTrial(registration=Registration.model_validate(before)))
    event = decide(state, do.AmendTrial(reason="x" * 2_000, registration=described(**amendment)), CONTEXT)
    assert event is not None
    reason = SealedText.from_stored(
        sealing.seal(bytes(32), str(UUID(int=0)), "trial/1", "𠮷" * 2_000, of=sealing.OwnerKind.TEXT)
    )
    explained = event.model_copy(update={"reason": reason})

    assert encode(record("trial/1", explained, Head(1))).size <= MAX_MESSAGE_BYTES


def results(characters: int, letter: str = "x") -> do.PostResults:
    texts = ("summary", "baseline", "participant_flow", "adverse_events", "outcome_measures")
    return do.PostResults(results=Results.model_validate({name: {"en": letter * characters} for name in texts}))


def test_results_that_were_posted_can_be_posted_anew_with_the_old_ones_by_their_digest() -> None:
    state = after(REGISTER, PUBLISH, results(96_120))
    event = decide(state, results(96_120, "y"), CONTEXT)
    assert event is not None
    stored, old = event.to_stored(), canonical.to_json(state.registration["results"])  # type: ignore[union-attr]

    assert len(old) > 480_725
    assert stored.keys() == {"was_digest", "results"}
    assert stored["was_digest"] == hashlib.sha256(old).hexdigest()
    assert encode(record("trial/1", event, Head(1))).size < MAX_MESSAGE_BYTES


def test_results_at_the_limits_of_all_fields_are_refused_before_they_stand_in_the_way() -> None:
    both = {"ja": "x" * 100_000, "en": "x" * 100_000}
    most = Results(summary=both, baseline=both, participant_flow=both, adverse_events=both)  # type: ignore[arg-type]

    assert len(canonical.to_json(most.to_stored())) > 800_000
    assert rules_against(after(REGISTER, PUBLISH), do.PostResults(results=most)) == {"too-large"}


def test_an_old_value_of_more_than_1000_bytes_is_told_by_its_digest() -> None:
    text = {"en": "x" * 991}
    state = after(do.RegisterTrial(registration=sealed_registration(description=text, plain_summary={"en": "x" * 992})))
    shorter = {"description": None, "plain_summary": None}
    event = decide(state, do.AmendTrial(reason="Shorter", registration=described(**shorter)), CONTEXT)
    assert event is not None

    [description, summary] = event.to_stored()["changes"]
    assert description == {"field": "/description", "old": text}
    assert summary == {
        "field": "/plain_summary",
        "old_digest": hashlib.sha256(b'{"en":"%s"}' % (b"x" * 992)).hexdigest(),
    }


def test_a_partners_record_may_be_so_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(size: int, **fields: Any) -> do.ImportTrial:
        stated = source().model_copy(update={"size": size})
        return do.ImportTrial.model_validate({**partner_study(**fields), "source": stated})

    texts = {name: {"en": "x" * 100_000, "ja": "x" * 100_000} for name in ("description", "plain_summary")}
    design = {name: {"en": "x" * 100_000, "ja": "x" * 100_000} for name in ("summary", "model_description")}
    assert rules_against(None, sent(900_000, **texts, design={**design, "masking_description": design["summary"]})) == {
        "too-large"
    }
    assert decide(None, sent(900_000, **texts, design=design), CONTEXT)
    monkeypatch.setattr(sizes, "SITES_BYTES", 10)
    assert rules_against(None, sent(900_000)) == {"too-large"}
    assert decide(None, sent(sizes.SURELY_FITS), CONTEXT)


def test_a_registration_that_came_too_large_from_a_partner_can_be_shortened() -> None:
    state = after(do.RegisterTrial(registration=sealed_registration(description=LONG)))
    assert state is not None
    large = replace(state, registration={**state.registration, "plain_summary": LONG})

    assert after(do.AmendTrial(reason="Shorter", registration=described(description={"ja": "短い"})), state=large)


def test_a_site_may_hold_so_much_and_a_trial_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = after(REGISTER)
    contacts = [{"role": "site", "affiliation": {"ja": "あ" * 2_000}}] * 4
    large = do.AddSite(site=Site.model_validate({"site": "a", "name": {"ja": "病院"}, "contacts": contacts}))
    assert rules_against(trial, large) == {"too-large"}

    monkeypatch.setattr(sizes, "MOST_SITES", 1)
    second = do.AddSite(site=Site.model_validate({"site": "b", "name": {"ja": "病院"}}))
    assert rules_against(after(ADD, state=trial), second) == {"too-many-sites"}


def test_the_sites_of_a_trial_may_have_so_many_bytes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site.model_validate({"site": "b", "name": {"ja": "あ" * 500}})
    size = _size(site)
    trial = after(ADD, do.AddSite(site=site), state=after(REGISTER))
    assert trial is not None
    assert trial.sites_bytes == _size(ADD.site) + size

    third = do.AddSite(site=site.model_copy(update={"site": "c"}))
    monkeypatch.setattr(sizes, "SITES_BYTES", trial.sites_bytes + size)
    assert decide(trial, third, CONTEXT)
    monkeypatch.setattr(sizes, "SITES_BYTES", trial.sites_bytes + size - 1)
    assert rules_against(trial, third) == {"too-large"}


def test_real_records_are_far_from_what_a_trial_may_hold() -> None:
    files = [*(("ctgov", file) for file in SAMPLES), ("ictrp", EXPORT), ("ictrp", UPLOAD)]
    read = [one for source, file in files for one in records_of(SOURCES[source], [file.read_bytes()], file.name)]
    studies = [one for one in read if isinstance(one, Parsed)]
    assert len(studies) == len(read) == 635

    assert 4 * max(_size(one.registration) for one in studies) < sizes.REGISTRATION_BYTES
    assert 4 * max(_size(site) for one in studies for site in one.sites) < sizes.SITE_BYTES
    assert 4 * max(len(one.sites) for one in studies) < sizes.MOST_SITES


def _size(value: Any) -> int:
    return len(canonical.to_json(value.to_stored()))


def test_what_a_log_holds_is_read_however_long_it_is() -> None:
    stored = {
        "identifiers": [{"value": "漢" * 1_500, "kind": "other"}] * 1_001,
        "public_title": {"ja": "題" * 2_001},
        "description": {"en": "x" * 100_001},
    }
    with pytest.raises(ValidationError, match="3 validation errors for Registration"):
        Registration.model_validate({**stored, "identifiers": stored["identifiers"][:1]})
    with pytest.raises(ValidationError, match="at most 1000 items"):
        Registration.model_validate({"identifiers": [{"value": "1", "kind": "other"}] * 1_001})

    assert Registration.from_stored(stored).to_stored() == stored
