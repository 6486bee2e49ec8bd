"""Rows of one trial by country: one statement in parts, the same in any order of the rows."""

from itertools import permutations
from typing import Any, Final

import pytest

from events.schemas.registration import Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from registry.domain.trial import commands as do
from registry.domain.trial.parts import GOES_ON, RECRUITS
from registry.domain.trial.state import Trial
from tests.registry.domain.test_sources import after

NUMBER: Final = "EUCTR2015-001234-17"


def row(
    country: str,
    recruitment: str = "unknown",
    authorisation: str = "published",
    *,
    registered: str | None = None,
    dated: str = "2026-01-05",
    sender: str = "who-ictrp",
    **registration: Any,
) -> do.ImportTrial:
    record = f"{NUMBER}-{country}" if country else None
    summary = f"{country} {recruitment} {authorisation} {registered} {dated} {registration}"
    home = {"registry": "euctr", "number": NUMBER, "url": f"https://example.org/{country}"}
    return do.ImportTrial.model_validate(
        {
            "home": home | ({"registered": registered} if registered else {}),
            "registration": {"acronym": country or "all", **registration},
            "status": {"authorisation": authorisation, "recruitment": recruitment},
            "sites": (),
            "source": Source(
                registry=sender,
                record=record,
                document=summary.encode().hex()[:64].ljust(64, "0"),
                media_type="x",
                size=1,
                retrieved=dated,
            ).to_stored(),
        }
    )


def in_any_order(*rows: do.ImportTrial) -> Trial:
    ends = [after(*order) for order in permutations(rows)]
    assert all((end.whole, end.recruitment, end.authorisation) == _shown(ends[0]) for end in ends)
    return ends[0]


def _shown(trial: Trial) -> tuple[Any, ...]:
    return trial.whole, trial.recruitment, trial.authorisation


@pytest.mark.parametrize(
    ("parts", "together"),
    [
        ((("AT", "completed", "ended"), ("DE", "recruiting")), ("recruiting", "published")),
        ((("AT", "recruiting"), ("DE", "completed", "ended")), ("recruiting", "published")),
        ((("AT", "closed"), ("DE", "by_invitation"), ("FR", "unknown")), ("by_invitation", "published")),
        ((("AT", "closed"), ("DE", "unknown"), ("FR", "paused")), ("unknown", "published")),
        ((("AT", "closed"), ("DE", "not_yet"), ("FR", "paused")), ("paused", "published")),
        ((("AT", "closed"), ("DE", "not_yet")), ("not_yet", "published")),
        ((("AT", "completed", "ended"), ("DE", "closed", "discontinued")), ("completed", "ended")),
        ((("AT", "recruiting", "suspended_by_authority"), ("DE", "unknown")), ("unknown", "published")),
        ((("AT", "completed"), ("3rd", "recruiting"), ("Outside-EU/EEA", "closed")), ("recruiting", "published")),
        ((("AT", "completed"),), ("completed", "published")),
    ],
)
def test_a_trial_recruits_where_any_country_does(parts: tuple[tuple[str, ...], ...], together: tuple[str, str]) -> None:
    trial = in_any_order(*(row(*part) for part in parts))

    assert (trial.recruitment, trial.authorisation) == together


def test_the_countries_are_those_of_all_rows() -> None:
    trial = in_any_order(row("FR", countries=["FR", "BE"]), row("AT", countries=["AT"]), row("DE"))

    assert trial.registration["countries"] == ["AT", "BE", "FR"]


def test_the_trial_was_registered_and_began_where_that_was_first_and_ends_where_that_is_last() -> None:
    planned, come = {"date": "2014-01", "kind": "anticipated"}, {"date": "2015-03-01"}
    trial = in_any_order(
        row("AT", registered="2014-02-01", first_enrolment=come, completion={"date": "2018"}),
        row("DE", registered="2013-12", first_enrolment={"date": "2015-02"}, completion={"date": "2017-05"}),
        row("FR", first_enrolment=planned),
    )

    assert trial.whole["home"]["registered"] == "2013-12"
    assert trial.registration["first_enrolment"] == {"date": "2015-02"}
    assert trial.registration["completion"] == {"date": "2018"}
    assert in_any_order(row("FR", first_enrolment=planned), row("DE")).registration["first_enrolment"] == planned


def test_what_has_one_value_is_said_by_the_newest_row_that_says_it() -> None:
    trial = in_any_order(row("AT"), row("DE", dated="2026-02-01"), row("FR", planned_size=12))

    assert (trial.registration["acronym"], trial.registration["planned_size"]) == ("DE", 12)
    assert trial.whole["home"]["url"] == "https://example.org/DE"


def test_a_row_that_changes_changes_the_trial_only_where_it_is_the_one_that_speaks() -> None:
    rows = [row("AT", "closed"), row("DE", "recruiting")]
    closed = after(*rows, row("DE", "completed", "ended", dated="2026-03-01"))
    still = after(*rows, row("AT", "completed", "ended", dated="2026-03-01"))

    assert (closed.recruitment, closed.authorisation) == ("closed", "published")
    assert (still.recruitment, still.authorisation) == ("recruiting", "published")


def test_rows_of_a_sender_are_one_statement_beside_the_homes_own_and_those_of_others() -> None:
    whole = row("", "closed", sender="euctr", countries=["IT"])
    trial = in_any_order(row("AT", "recruiting", countries=["AT"]), whole, row("DE", countries=["DE"]))

    assert (trial.recruitment, trial.registration["countries"]) == ("closed", ["IT"])
    other = in_any_order(row("AT", "recruiting"), row("", "closed", dated="2020-01-01"), row("DE"))
    assert other.recruitment == "recruiting", "a whole record of the same sender that is older than its rows"


def test_of_two_renderings_the_newer_one_speaks_first() -> None:
    old = row("", "recruiting", sender="a-portal", dated="2020-01-01", acronym="old", planned_size=3)
    trial = in_any_order(old, row("", "closed", sender="b-portal", dated="2026-01-01"))

    assert (trial.recruitment, trial.registration["acronym"]) == ("closed", "all")
    assert trial.registration["planned_size"] == 3


def test_every_status_has_its_place() -> None:
    assert sorted(GOES_ON) == sorted(AuthorisationStatus)
    assert sorted(RECRUITS) == sorted(RecruitmentStatus)
