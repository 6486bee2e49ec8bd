"""How old what is shown of a partner's trial is, and what its rows by country say: of documents that events make."""

from itertools import permutations
from typing import Any

import pytest

from events.schemas import trial as happened
from events.schemas.registration import Registration, Source
from projections.trial.at_home import at_home
from projections.trial.regions import row_of
from tests.projections import trials
from tests.projections.trials import folded

NUMBER = "EUCTR2015-001234-17"
FIRST, SECOND = "2026-04-01T01:00:00.000Z", "2026-04-01T02:00:00.000Z"


def source(registry: str, dated: str | None, record: str | None = None, digest: str = "a") -> Source:
    return trials.source(registry, digest, record, dated).model_copy(update={"given_out": "2026"})


def status_fields(recruitment: str = "recruiting", verified: str | None = "2024-01") -> dict[str, Any]:
    return {
        "home": happened.Home(registry="euctr", number=NUMBER),
        "registration": Registration(),
        "status": happened.Status(authorisation="published", recruitment=recruitment, verified=verified),
        "sites": (),
    }


def imported(of: Source, **fields: Any) -> happened.TrialImported:
    return happened.TrialImported(**status_fields(**fields), source=of)


def added(of: Source, **fields: Any) -> happened.TrialSourceAdded:
    return happened.TrialSourceAdded(**status_fields(**fields), source=of, effects=())


@pytest.mark.parametrize(
    ("events", "age"),
    [
        (
            [imported(source("euctr", "2023-06-15"))],
            {"changed": "2023-06-15", "verified": "2024-01", "received": FIRST},
        ),
        (
            [imported(source("euctr", "2023-06-15")), added(source("who-ictrp", "2026-01-05"))],
            {"changed": "2023-06-15", "verified": "2024-01", "received": FIRST},
        ),
        (
            [imported(source("who-ictrp", "2026-01-05")), added(source("euctr", "2023-06-15"))],
            {"changed": "2023-06-15", "verified": "2024-01", "received": SECOND},
        ),
        (
            [imported(source("who-ictrp", "2025-01", record=f"{NUMBER}-AT"), verified=None)],
            {"copied": "2025-01", "copied_by": "who-ictrp", "received": FIRST},
        ),
        (
            [
                imported(source("who-ictrp", "2026-01-05", record=f"{NUMBER}-AT"), verified=None),
                added(source("who-ictrp", "2025-01-05", record=f"{NUMBER}-DE")),
            ],
            {"copied": "2026-01-05", "copied_by": "who-ictrp", "received": SECOND},
        ),
        ([imported(source("euctr", None), verified=None)], {"received": FIRST}),
        (
            [imported(source("euctr", "2023-06-15")), happened.OlderVersionKept(source=source("euctr", "2020"))],
            {"changed": "2023-06-15", "verified": "2024-01", "received": FIRST},
        ),
    ],
)
def test_what_the_home_says_of_its_record_comes_before_the_day_on_which_it_came(
    events: list[Any], age: dict[str, str]
) -> None:
    assert at_home(folded(*events)) == age


def test_a_trial_of_ours_has_no_age_elsewhere() -> None:
    registered = happened.TrialRegistered(owner="kyoto", registration=Registration())

    assert at_home(folded(registered)) is None


def test_each_country_has_the_status_of_its_row_in_any_order() -> None:
    rows = {country: source("who-ictrp", "2026-01-05", record=f"{NUMBER}-{country}") for country in ("DE", "AT", "3rd")}
    status = {"DE": "recruiting", "AT": "closed", "3rd": "unknown"}
    for first, *others in permutations(rows):
        events = [
            imported(rows[first], recruitment=status[first]),
            *(added(rows[one], recruitment=status[one]) for one in others),
        ]
        regions = folded(*events)["regions"]

        assert {country: one["recruitment"] for country, one in regions.items()} == status
        assert list(regions) == sorted(status)


def test_a_row_that_changes_changes_its_country_whatever_becomes_of_the_trial() -> None:
    austria, germany = (source("who-ictrp", "2026-01-05", record=f"{NUMBER}-{one}") for one in ("AT", "DE"))
    changed = happened.TrialImportChanged(
        source=source("who-ictrp", "2026-02-01", record=f"{NUMBER}-AT", digest="b"),
        changes=[
            happened.WholeChange(field="/status/recruitment", old="closed", new="completed"),
            happened.WholeChange(field="/registration/acronym", new="X"),
        ],
        effects=(),
    )
    document = folded(imported(austria, recruitment="closed"), added(germany), changed)

    assert {country: one["recruitment"] for country, one in document["regions"].items()} == {
        "AT": "completed",
        "DE": "recruiting",
    }
    assert document["status"]["recruitment"] == "closed", "what the trial is, the decision said: the effects"


def test_a_trial_that_its_register_tells_of_as_a_whole_has_no_regions() -> None:
    assert "regions" not in folded(imported(source("who-ictrp", "2026-01-05")), added(source("euctr", "2026-01-05")))


def test_of_two_rows_for_one_country_the_newer_one_speaks() -> None:
    new = source("who-ictrp", "2026-01-05", record=f"{NUMBER}-AT"), "recruiting"
    old = source("who-ictrp", "2020-01-05", record="2015-001234-17-AT"), "closed"
    for (one, said_first), (other, said_then) in permutations((new, old)):
        document = folded(imported(one, recruitment=said_first), added(other, recruitment=said_then))

        assert document["regions"]["AT"]["recruitment"] == "recruiting"


def test_a_row_says_when_the_trial_is_completed_in_its_country_and_takes_that_back() -> None:
    row = {"source": {"registry": "who-ictrp", "record": f"{NUMBER}-AT"}, "home": {"number": NUMBER}}
    status = {"authorisation": "published", "recruitment": "recruiting"}
    first = row_of(None, {**row, "status": status, "registration": {"completion": {"date": "2018"}, "acronym": "A"}})
    assert first == {"region": "AT", "status": status, "completion": {"date": "2018"}}

    moved = row_of(first, {"changes": [{"field": "/registration/completion/date", "old": "2018", "new": "2019"}]})
    assert moved == {**first, "completion": {"date": "2019"}}
    gone = row_of(first, {"changes": [{"field": "/registration/completion", "old": {"date": "2018"}}]})
    assert gone == {"region": "AT", "status": status}
    assert row_of(gone, {"changes": [{"field": "/registration/completion", "new": {"date": "2018"}}]}) == first
