"""Tokens, imports, persons and numbers: each command on each state, the whole event or the whole refusal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.access import Role, TokenIssued, TokenRevoked
from events.schemas.exchange import ImportFinished, RecordsRefused, Refusal
from events.schemas.numbers import NumbersReserved, NumbersSetAside
from events.schemas.person import PersonForgotten
from events.schemas.registration import Source
from events.schemas.text import TextTakenBack
from events.schemas.values import Sealed, Value
from registry.domain.access.decider import ACCESS, IssueToken, RevokeToken, Token
from registry.domain.decider import Command, Context, Decider, Rejection
from registry.domain.exchange.decider import IMPORT, FinishImport, Import, RefuseRecords
from registry.domain.numbers.decider import NUMBERS, ReserveNumbers, Series, SetNumbersAside
from registry.domain.person.decider import PERSON, ForgetPerson
from registry.domain.text.decider import TEXT, TakeTextBack
from registry.domain.trial.commands import ImportTrial, PublishTrial
from registry.domain.trial.decide import decide as decide_trial
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.state import Trial
from tests.support.trials import SEALED, partner_study, sealed_registration

CONTEXT = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "registry", "JTR2026000001X")
EXPIRES = datetime(2027, 1, 1, tzinfo=UTC)
ISSUED: dict[str, Any] = {
    "digest": "a" * 64,
    "role": Role.SITE,
    "organisation": "kyoto-hp",
    "name": Sealed.model_validate(SEALED),
    "expires": EXPIRES,
}
REFUSALS = tuple(Refusal(place=f"file, study {number}", reason="no number") for number in range(3))


def receipt(**counts: int) -> ImportFinished:
    all_counts = {"given": 0, "new": 0, "changed": 0, "unchanged": 0, "older": 0, "refused": 0, **counts}
    return ImportFinished(
        source="ctgov", files=("file",), adopted=0, restored=0, events=0, carried=0, not_carried=(), **all_counts
    )


RECEIPT = receipt(given=15, new=1, changed=2, unchanged=4, older=5, refused=3)

TAKEN: list[tuple[Decider[Any], Any, Command, Value | None, Any]] = [
    (ACCESS, None, IssueToken(**ISSUED), TokenIssued(**ISSUED), Token()),
    (ACCESS, Token(), RevokeToken(), TokenRevoked(), Token(revoked=True)),
    (PERSON, False, ForgetPerson(reason="asked"), PersonForgotten(), True),
    (PERSON, True, ForgetPerson(reason="asked"), None, True),
    (TEXT, False, TakeTextBack(reason="asked"), TextTakenBack(), True),
    (TEXT, True, TakeTextBack(reason="asked"), None, True),
    (IMPORT, Import(), RefuseRecords(refusals=REFUSALS), RecordsRefused(refusals=REFUSALS), Import(3)),
    (IMPORT, Import(3), RefuseRecords(refusals=REFUSALS[:2]), RecordsRefused(refusals=REFUSALS[:2]), Import(5)),
    (IMPORT, Import(3), FinishImport(receipt=RECEIPT), RECEIPT, Import(3, finished=True)),
    (NUMBERS, Series(), ReserveNumbers(count=20), NumbersReserved(first=1, count=20), Series(21)),
    (
        NUMBERS,
        Series(21, ((5, 6),)),
        ReserveNumbers(count=1),
        NumbersReserved(first=21, count=1),
        Series(22, ((5, 6),)),
    ),
    (
        NUMBERS,
        Series(21, ((5, 6),)),
        SetNumbersAside(number=21, through=500),
        NumbersSetAside(first=21, last=500),
        Series(501, ((5, 6), (21, 500))),
    ),
    (
        NUMBERS,
        Series(21),
        SetNumbersAside(number=30, through=25),
        NumbersSetAside(first=21, last=30),
        Series(31, ((21, 30),)),
    ),
    *(
        (NUMBERS, Series(501, ((1, 4), (21, 500))), SetNumbersAside(number=n, through=500), None, None)
        for n in (1, 4, 21, 500)
    ),
]
"""The aggregate, its state, the command, the event, and the state after it."""


@pytest.mark.parametrize(("aggregate", "state", "command", "event", "after"), TAKEN)
def test_a_command_becomes_one_event(
    aggregate: Decider[Any], state: Any, command: Command, event: Value | None, after: Any
) -> None:
    assert aggregate.decide(state, command, CONTEXT) == event
    if event is not None:
        assert aggregate.evolve(state, event) == after


NOT_THIS = "this registry has given the number, or may, to another trial"
REFUSED: list[tuple[Decider[Any], Any, Command, tuple[str, str]]] = [
    (ACCESS, Token(), IssueToken(**ISSUED), ("token-exists", "this token id is taken")),
    (ACCESS, Token(revoked=True), IssueToken(**ISSUED), ("token-exists", "this token id is taken")),
    (ACCESS, None, RevokeToken(), ("token-unknown", "no token was issued under this id")),
    (ACCESS, Token(revoked=True), RevokeToken(), ("token-revoked", "the token is revoked already")),
    *(
        (IMPORT, Import(3, finished=True), command, ("import-finished", "the receipt of this import is written"))
        for command in (RefuseRecords(refusals=REFUSALS), FinishImport(receipt=RECEIPT))
    ),
    *(
        (
            IMPORT,
            Import(3),
            FinishImport(receipt=RECEIPT.model_copy(update={field: getattr(RECEIPT, field) + 1})),
            ("receipt-wrong", "given is not new + changed + unchanged + older + refused"),
        )
        for field in ("given", "new", "changed", "unchanged", "older", "refused")
    ),
    (IMPORT, Import(4), FinishImport(receipt=RECEIPT), ("receipt-wrong", "4 refusals are recorded, not 3")),
    (IMPORT, Import(2), FinishImport(receipt=RECEIPT), ("receipt-wrong", "2 refusals are recorded, not 3")),
    *(
        (NUMBERS, Series(501, ((2, 4), (21, 500))), SetNumbersAside(number=n, through=900), ("number-taken", NOT_THIS))
        for n in (1, 5, 20)
    ),
]


@pytest.mark.parametrize(("aggregate", "state", "command", "fault"), REFUSED)
def test_a_refusal_says_why(aggregate: Decider[Any], state: Any, command: Command, fault: tuple[str, str]) -> None:
    with pytest.raises(Rejection) as refused:
        aggregate.decide(state, command, CONTEXT)

    assert [(fault.rule, fault.message, fault.field) for fault in refused.value.faults] == [(*fault, "")]
    assert str(refused.value) == ": ".join(fault)


@pytest.mark.parametrize(
    ("aggregate", "whose", "what"),
    [
        (ACCESS, "this token", "a token"),
        (IMPORT, "an import", "an import"),
        (PERSON, "a person", "a person"),
        (TEXT, "a text", "a text"),
        (NUMBERS, "numbers", "numbers"),
    ],
)
def test_a_command_on_something_else_is_a_fault_of_ours(aggregate: Decider[Any], whose: str, what: str) -> None:
    with pytest.raises(TypeError, match=f"^PublishTrial is no command on {what}$"):
        aggregate.decide(aggregate.initial, PublishTrial(), CONTEXT)
    with pytest.raises(TypeError, match=f"^Sealed is no event of {whose}$"):
        aggregate.evolve(aggregate.initial, Sealed.model_validate(SEALED))


def test_a_token_is_not_revoked_before_it_was_issued() -> None:
    with pytest.raises(TypeError, match=r"^TokenRevoked is no event of this token$"):
        ACCESS.evolve(None, TokenRevoked())


def after_draft() -> Trial:
    return Trial(1, "a", None, None, "draft", "not_yet", sealed_registration().to_stored(), {})  # type: ignore[arg-type]


def test_a_command_of_another_aggregate_is_no_command_on_a_trial() -> None:
    trial = Trial(1, "a", None, "1", "published", "recruiting", {}, {})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^RevokeToken is no command on a trial$"):
        decide_trial(trial, RevokeToken(), CONTEXT)
    with pytest.raises(TypeError, match=r"^TrialPublished without a trial$"):
        TRIAL.evolve(None, TRIAL.decide(after_draft(), PublishTrial(), CONTEXT))


def test_what_a_command_said_is_what_was_set_and_for_an_import_which_document_it_was() -> None:
    source = Source(registry="ctgov", record="R", document="a" * 64, media_type="text/plain", size=1)
    imported = ImportTrial(**partner_study(), source=source)

    assert RevokeToken().to_content() == {}
    assert RevokeToken(reason=None).to_content() == {"reason": None}
    assert ForgetPerson(reason="asked", occurred_at="2026-11-22T09:30:00+09:00").to_content() == {
        "reason": "asked",
        "occurred_at": "2026-11-22T09:30:00+09:00",
    }
    assert imported.to_content() == ["ctgov", "R", "a" * 64]
