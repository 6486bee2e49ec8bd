"""Sites on the board: nothing is said to recruit unless somebody can join there (W11); missing is not said (W12)."""

from typing import Any

from registry.programmes.board import Board, board_of
from tests.support.programme_reads import authorised, seen, whole
from tests.support.programmes import Course, joined
from tests.support.regions import Life, begun


def site(name: str, country: str, recruitment: str, **fields: Any) -> dict[str, Any]:
    return {
        "site": name,
        "name": {"en": name},
        "place": {"country": country},
        "authorisation": "published",
        "recruitment": recruitment,
        **fields,
    }


def trial(*sites: dict[str, Any]) -> dict[str, Any]:
    """A trial that says of itself that it recruits in Japan and the United States."""
    return {
        "trial": "t",
        "number": "JTR1",
        "status": {"authorisation": "published", "recruitment": "recruiting"},
        "registration": {"countries": ["JP", "US"]},
        "sites": {one["site"]: one for one in sites},
        "sources": {},
    }


def in_japan_and_america() -> tuple[Course, Life, Life]:
    course = joined()
    course.join("JP", "jp-chiken")
    course.join("US", "us-ind")
    return course, begun("JP", "jp-chiken", "jp-chiken"), begun("US", "us-ind", "us-ind")


def board(document: dict[str, Any]) -> Board:
    course, *lives = in_japan_and_america()
    return board_of(seen(whole(course, *lives, trials={"t": document})))


def test_w11_a_trial_with_its_only_open_site_elsewhere_recruits_nobody_in_japan() -> None:
    waiting = [site(f"jp-{number}", "JP", "not_yet") for number in range(42)]
    opened = site("us-1", "US", "recruiting", reported={"on": "2026-11-20"}, changed={"on": "2026-11-20"})
    rows = {one.region: one for one in board(trial(*waiting, opened)).regions}
    [here], [there] = rows["JP"].joining, rows["US"].joining

    assert (here.possible, here.why_not) == (False, "no_site_open")
    assert (there.possible, there.why_not) == (True, None)
    assert (rows["JP"].sites.open, rows["JP"].sites.planned) == (0, 42)
    assert (rows["US"].sites.open, rows["US"].sites.planned) == (1, 1)


def test_w12_a_site_without_a_status_counts_as_not_said_and_neither_as_open_nor_as_closed() -> None:
    stated = site("jp-1", "JP", "closed")
    silent = [site(f"jp-{number}", "JP", "unknown") for number in (2, 3)]
    [japan] = [one for one in board(trial(stated, *silent)).regions if one.region == "JP"]

    assert (japan.sites.planned, japan.sites.not_stated) == (3, 2)


def test_a_region_that_is_permitted_is_not_said_to_recruit() -> None:
    [belgium] = [one for one in board_of(seen(whole(None, authorised("BE")))).regions if one.region == "BE"]

    assert belgium.state == "permitted"
    assert (belgium.joining, belgium.sites.open) == ((), 0)
