"""Which registrations are proposed as one programme, and why."""

from typing import Any

import pytest

from registry.programmes.proposing import Proposal, proposals, registration_of

PROTOCOL = {"value": "MK-5592-127", "kind": "sponsor"}


def trial(name: str, *countries: str, **fields: Any) -> dict[str, Any]:
    registration = {"public_title": {"en": f"Trial {name}"}, "countries": list(countries)}
    registration |= {"identifiers": list(fields.pop("identifiers", ()))}
    return {"trial": name, "sites": {}, "registration": registration, **fields}


def proposed(*documents: dict[str, Any], taken: frozenset[str] = frozenset()) -> list[Proposal]:
    return proposals(map(registration_of, documents), taken)


def groups(*documents: dict[str, Any]) -> list[list[str]]:
    return [[one.trial for one in proposal.registrations] for proposal in proposed(*documents)]


def registered(number: str) -> dict[str, Any]:
    return {"value": number, "kind": "registry"}


def test_a_trial_in_three_countries_is_proposed_alone_and_one_in_two_is_not() -> None:
    assert groups(trial("a", "JP", "US", "BE"), trial("b", "JP", "US"), trial("c", "JP")) == [["a"]]


def test_countries_of_sites_and_of_parts_count_and_a_site_without_one_says_nothing() -> None:
    sites = {"1": {"place": {"country": "US"}}, "2": {"name": {"en": "Somewhere"}}}
    parts = trial("a", "BE", sites=sites, regions={"GR": {}})
    unknown = trial("b", "BE", "GR", sites={"1": {"name": {"en": "Somewhere"}}})

    [found] = proposed(parts, unknown)
    assert [*found.countries] == ["BE", "GR", "US"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (registered("NCT04665037"), registered("nct 04665037")),
        (registered("2023-505613-24-00"), registered("2023-505613-24-00")),
        (PROTOCOL, {**PROTOCOL, "value": "mk5592 127"}),
    ],
)
def test_registrations_that_name_one_number_are_one_group(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert groups(trial("a", "JP", identifiers=[first]), trial("b", "US", identifiers=[second])) == [["a", "b"]]


def test_a_registration_and_one_that_names_its_number_are_one_group_with_the_number_as_the_reason() -> None:
    home = {"registry": "ctgov", "number": "NCT04665037"}
    ours = trial("a", "JP", number="JTR20260000013", identifiers=[registered("NCT04665037")])
    [found] = proposed(ours, trial("b", "US", "BE", home=home))

    assert dict(found.because) == {"ctgov NCT04665037": ("JTR20260000013", "NCT04665037")}
    assert found.countries == {"JP": "JTR20260000013", "BE": "NCT04665037", "US": "NCT04665037"}


def test_a_chain_of_numbers_is_one_group() -> None:
    numbers = [registered(f"NCT0466503{digit}") for digit in range(4)]
    chain = [trial(f"t{at}", "JP", "US", identifiers=numbers[at : at + 2]) for at in range(3)]

    assert groups(*chain) == [["t0", "t1", "t2"]]


@pytest.mark.parametrize("value", ["001", "127-01", "ABCDEFGH", "12345678"])
def test_a_short_number_of_a_sponsor_or_one_of_digits_alone_joins_nobody(value: str) -> None:
    claim = {"value": value, "kind": "sponsor"}

    assert groups(trial("a", "JP", identifiers=[claim]), trial("b", "US", identifiers=[claim])) == []


def test_a_number_that_very_many_name_joins_nobody() -> None:
    many = [trial(f"t{number}", "JP", "US", identifiers=[PROTOCOL]) for number in range(21)]

    assert groups(*many) == []
    assert len(groups(*many[:20])) == 1


def test_what_belongs_to_a_programme_is_not_proposed_again() -> None:
    documents = (trial("a", "JP", "US", "BE"), trial("b", "JP", "US", "BE"))

    [remaining] = proposed(*documents, taken=frozenset({"a"}))
    assert [one.trial for one in remaining.registrations] == ["b"]


def test_a_group_has_the_same_id_whatever_order_it_is_read_in() -> None:
    documents = [trial("a", "JP", identifiers=[PROTOCOL]), trial("b", "US", identifiers=[PROTOCOL])]
    [found], [reversed_] = proposed(*documents), proposed(*documents[::-1])

    assert (found.id, found.registrations) == (reversed_.id, reversed_.registrations)
