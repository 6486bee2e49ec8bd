"""Versions in force by region and site, as of any day, against a plain model (W8)."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.domain.programme import commands as programme
from registry.domain.region import commands as do
from registry.programmes.versions import versions_of_regions, versions_of_sites
from tests.support.programme_reads import authorised, seen, whole
from tests.support.programmes import Course, joined
from tests.support.regions import day

FIRST = date(2024, 5, 1)
DAYS = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
USES = st.lists(
    st.tuples(st.sampled_from(["v1", "v2", "v3"]), st.sampled_from(["authorised", "in_use"]), DAYS), max_size=9
)


def versioned() -> Course:
    course = joined()
    for number in (1, 2, 3):
        version = {
            "protocol": "main",
            "version": f"v{number}",
            "number": f"0{number}",
            "dated": "2024-01",
            "sha256": f"{number}" * 64,
        }
        course.do(programme.AddProtocolVersion, version=version)
    return course


@given(uses=USES, on=DAYS)
def test_w08_the_version_of_a_region_on_a_day_is_that_of_a_plain_model(uses: list[Any], on: date) -> None:
    life = authorised("BE")
    model: dict[tuple[str, str], tuple[date, int]] = {}
    for order, (version, use, when) in enumerate(uses):
        use_of_version = {"protocol": "main", "version": version, "use": use, "on": day(when.isoformat())}
        # The same day again is nothing to record.
        if model.get((use, version), (None,))[0] != when:
            life.do(do.RecordVersion, life.authority, **use_of_version)
            model[use, version] = (when, order)
    [found] = versions_of_regions(seen(whole(versioned(), life)), on)

    for use, shown in (("authorised", found.authorised), ("in_use", found.in_use)):
        mine = [(when, version) for (kind, version), (when, _) in model.items() if kind == use]
        until_then = [one for one in mine if one[0] <= on]
        assert {one.since.date for one in shown} == ({max(until_then)[0].isoformat()} if until_then else set())
        assert {one.version for one in shown} <= {version for when, version in until_then if when == max(until_then)[0]}
        assert all(one.sha256 == one.version[1] * 64 for one in shown)


def test_w08_after_a_change_that_one_state_has_not_decided_versions_differ_between_states() -> None:
    one, other = authorised("BE"), authorised("GR")
    for life in (one, other):
        life.do(do.RecordVersion, life.authority, protocol="main", version="v1", use="authorised", on=day("2024-04-20"))
    one.do(do.RecordVersion, one.authority, protocol="main", version="v2", use="authorised", on=day("2024-08-08"))
    found = versions_of_regions(seen(whole(versioned(), one, other)), date(2024, 8, 20))

    assert {of.region: of.authorised[0].number for of in found} == {"BE": "02", "GR": "01"}


SITE: dict[str, Any] = {
    "site": "kyoto",
    "name": {"ja": "京都"},
    "recruitment": "recruiting",
    "authorisation": "published",
}


def at_site(*steps: tuple[str, str, str]) -> dict[str, Any]:
    """A trial's document, of whose site these milestones were stated: milestone, version, day."""
    stated = {
        str(number): {"milestone": milestone, "protocol_version": version, "actual": when}
        for number, (milestone, version, when) in enumerate(steps, 9)
    }
    return {"sites": {"kyoto": SITE | {"milestones": stated}}}


def test_w08_a_site_uses_the_version_that_it_put_to_use_last_by_the_day() -> None:
    steps = (
        ("version_ready", "v2", "2024-08-01"),
        ("version_in_use", "01", "2024-05-01"),
        ("version_in_use", "v2", "2024-08-15"),
        ("version_in_use", "99", "2024-09"),
    )
    viewer = seen(whole(versioned(), trials={"t": at_site(*steps)}))

    def used(on: date) -> tuple[str | None, str | None]:
        [site] = versions_of_sites(viewer, on)
        return (site.in_use.version, site.in_use.sha256) if site.in_use else (None, None)

    assert used(date(2024, 4, 30)) == (None, None)
    assert used(date(2024, 8, 14)) == ("01", "1" * 64)
    assert used(date(2024, 9, 29)) == ("v2", "2" * 64)
    # A month is over before it is certain; and what the programme does not know has no digest.
    assert used(date(2024, 9, 30)) == ("99", None)
    [site] = versions_of_sites(viewer, date(2024, 8, 14))
    assert site.ready is not None
    assert site.ready.version == "v2"


def test_w08_of_two_versions_of_one_day_the_one_that_was_recorded_last_is_in_use() -> None:
    steps = (("version_in_use", "v2", "2024-08-15"), ("version_in_use", "v1", "2024-08-15"))
    [site] = versions_of_sites(seen(whole(versioned(), trials={"t": at_site(*steps)})), date(2024, 9, 1))

    assert site.in_use is not None
    assert site.in_use.version == "v1"
