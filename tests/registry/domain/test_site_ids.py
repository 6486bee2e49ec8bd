"""Sites keep the ids that they got when they were first seen, while partners correct what they say of them."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from events.schemas.trial import SiteAsImported, TrialImportChanged
from registry.domain.trial.decide import decide
from registry.domain.trial.site_ids import identified
from registry.domain.trial.state import Trial
from tests.registry.domain.test_imports import CONTEXT, after, sent

KYOTO = {"city": "Kyoto", "region": "Kyoto", "postcode": "606-8507", "country": "JP"}


def site(name: str = "University Hospital", **place: str) -> dict[str, Any]:
    return {"site": "x", "name": {"en": name}, "place": {**KYOTO, **place}, "recruitment": "recruiting"}


def ids_after(first: list[dict[str, Any]], *later: list[dict[str, Any]]) -> list[str]:
    """The ids of the sites that come last, in the order in which they come."""
    *before, last = (first, *later)
    state = after(*(sent(f"{number:x}", sites=sites) for number, sites in enumerate(before)))
    return [one.site for one in identified(state, "CTGOV", [SiteAsImported.model_validate(one) for one in last])]


def test_sites_are_numbered_as_they_are_first_seen_and_twins_are_told_apart_by_their_order() -> None:
    trial = after(sent(sites=[site("A"), site("B"), site("B")]))

    assert list(trial.sites) == ["s1", "s2", "s3"]
    assert ids_after([site("A"), site("B"), site("B")], [site("B"), site("A"), site("B")]) == ["s2", "s1", "s3"]


def with_more(**fields: Any) -> dict[str, Any]:
    return {**site(), **fields}


ALIKE = [
    with_more(contacts=[{"role": "site", "affiliation": {"en": "Ward A"}}]),
    with_more(contacts=[{"role": "site", "affiliation": {"en": "Ward B"}}]),
    with_more(recruitment="closed"),
    with_more(place={**KYOTO, "latitude": "35", "longitude": "135.7"}),
]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_sites_called_alike_are_told_apart_by_content_and_another_order_changes_nothing(order: list[int]) -> None:
    again = sent("b", sites=[ALIKE[at] for at in order])
    event = decide(after(sent(sites=ALIKE)), again, CONTEXT)

    assert ids_after(ALIKE, [ALIKE[at] for at in order]) == [f"s{at + 1}" for at in order]
    assert isinstance(event, TrialImportChanged)
    assert event.changes == ()


def test_of_sites_called_alike_one_that_changes_leaves_the_others_as_they_are() -> None:
    closed = {**ALIKE[0], "recruitment": "closed"}

    assert ids_after(ALIKE[:2], [ALIKE[1], closed]) == ["s2", "s1"]
    assert ids_after([*ALIKE[1:3], site()], [site(), ALIKE[2], ALIKE[1]]) == ["s3", "s2", "s1"]


def test_a_site_that_left_is_taken_for_none_that_is_there() -> None:
    closed = {**site(), "recruitment": "closed"}

    assert ids_after([site(), site()], [site()], [closed]) == ["s1"]


@pytest.mark.parametrize(
    "corrected",
    [
        site(postcode="606-8397"),
        site(region="Kyoto-fu"),
        site(city="Kyôto-shi"),
        site("UNIVERSITY  HOSPITAL"),
        {**site(), "recruitment": "closed", "contacts": [{"role": "site"}]},
    ],
    ids=["postcode", "region", "city", "case", "status"],
)
def test_a_site_keeps_its_id_when_its_partner_corrects_it(corrected: dict[str, Any]) -> None:
    assert ids_after([site("A"), site()], [corrected, site("A")]) == ["s2", "s1"]


def test_a_corrected_postcode_is_a_change_of_that_site_and_no_new_one() -> None:
    event = decide(after(sent(sites=[site()])), sent("b", sites=[site(postcode="606-8397")]), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert [(one.field, one.old, one.new) for one in event.changes] == [
        ("/sites/s1/place/postcode", "606-8507", "606-8397")
    ]


@pytest.mark.parametrize(
    "other",
    [site("Research Site"), site(city="Osaka", postcode="530-0001"), site(country="US", city="Kyoto")],
    ids=["another name there", "the same name elsewhere", "another country"],
)
def test_what_may_be_another_site_is_a_new_one(other: dict[str, Any]) -> None:
    assert ids_after([site()], [other]) == ["s2"]


def test_of_twins_that_both_change_neither_is_guessed() -> None:
    corrected = [site(postcode="606-0001"), site(postcode="606-0002")]

    assert ids_after([site(), site()], corrected) == ["s3", "s4"]


def test_an_id_is_never_given_again() -> None:
    assert ids_after([site("A"), site("B")], [site("A")], [site("A"), site("C")]) == ["s1", "s3"]
    assert ids_after([site("A"), site("B")], [site("A")], [site("B")]) == ["s2"]


def test_another_partner_that_names_the_same_site_names_it_by_the_same_id() -> None:
    rendered = sent("b", sites=[site("B"), site(postcode="6068507")], by={"registry": "who-ictrp", "record": "R"})
    trial = after(sent(sites=[site(), site("A")]), rendered)

    assert list(trial.sources["who-ictrp/R"].whole["sites"]) == ["s3", "s1"]
    assert list(trial.sites) == ["s1", "s2"]


def knowing(**sites: dict[str, dict[str, Any]]) -> Trial:
    """A trial of which each source, by its key, names sites by these ids."""
    trial = after(sent(sites=[site()]))
    (view,) = trial.sources.values()
    views = {key: replace(view, whole={**view.whole, "sites": named}) for key, named in sites.items()}
    return replace(trial, sources=views)


def coming(state: Trial, source: str, *sites: dict[str, Any]) -> list[str]:
    return [one.site for one in identified(state, source, [SiteAsImported.model_validate(one) for one in sites])]


def test_of_sites_called_alike_the_senders_own_comes_before_anothers() -> None:
    trial = knowing(a={"s1": site()}, b={"s2": site()}, c={"s3": site()})

    assert [coming(trial, source, site()) for source in "abcd"] == [["s1"], ["s2"], ["s3"], ["s1"]]


def test_a_new_site_counts_on_from_every_id_of_the_trial_and_of_each_source() -> None:
    trial = knowing(a={"s1": site("A")}, b={"s8": site("B")})
    added = {**trial.sites, "s9": next(iter(trial.sites.values()))}

    assert coming(trial, "a", site("C"), site("D")) == ["s9", "s10"]
    assert coming(replace(trial, sites=added), "a", site("C")) == ["s10"]
    assert coming(replace(trial, sites={**trial.sites, "kyoto": added["s9"]}), "a", site("C")) == ["s9"]


def test_a_site_is_called_by_its_name_in_english_then_in_japanese() -> None:
    for first, then, ids in (
        ({"en": "Hospital", "ja": "病院"}, {"en": "Hospital", "ja": "京都病院"}, ["s1"]),
        ({"en": "Hospital", "ja": "病院"}, {"en": "Kyoto Hospital", "ja": "病院"}, ["s2"]),
        ({"ja": "病院", "zh": "医院"}, {"ja": "病院", "zh": "京都医院"}, ["s1"]),
        ({"ja": "病院", "zh": "医院"}, {"ja": "京都病院", "zh": "医院"}, ["s2"]),
    ):
        assert ids_after([with_more(name=first)], [with_more(name=then)]) == ids
    # A log has languages in the order of their tags.
    known = knowing(a={"s1": with_more(name={"de": "Klinik", "ja": "病院"})})
    assert coming(known, "a", with_more(name={"ja": "病院", "de": "Krankenhaus"})) == ["s1"]


@pytest.mark.parametrize(
    ("part", "there"),
    [
        ("city", "Uji"),
        ("region", "Osaka"),
        ("postcode", "606-8397"),
        ("country", "US"),
        ("latitude", "36.5"),
        ("longitude", "135"),
    ],
)
def test_sites_called_alike_are_told_apart_by_each_part_of_where_they_are(part: str, there: str) -> None:
    at = {"latitude": "35", "longitude": "135.7"}
    one, other = site(**at), site(**{**at, part: there})
    closed = [{**listed, "recruitment": "closed"} for listed in (other, one)]

    assert ids_after([one, other], closed) == ["s2", "s1"]


def test_sites_of_no_postcode_are_not_known_by_it() -> None:
    here, there = ({**site(), "place": {"city": city, "country": "JP"}} for city in ("Kyoto", "Osaka"))

    assert ids_after([here], [there]) == ["s2"]
    assert ids_after([here], [{**here, "place": {**here["place"], "postcode": "606-8507"}}]) == ["s1"]


def test_the_same_bytes_give_the_same_ids() -> None:
    sites = [site("A"), site("B"), site("A", city="Uji")]

    assert after(sent(sites=sites)).sites == after(sent(sites=sites)).sites
    assert ids_after(sites, sites) == ["s1", "s2", "s3"]
