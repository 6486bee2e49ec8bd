"""Countries by code and by the names that partners write."""

import pytest

from adapters import countries
from adapters.ctgov import codes


def test_every_name_leads_back_to_its_code() -> None:
    for code, name in countries.names().items():
        assert countries.code_of(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Japan", "JP"),
        ("united states", "US"),
        ("Bosnia and Herzegovina", "BA"),
        ("Trinidad & Tobago", "TT"),
        ("Côte d'Ivoire", "CI"),
        ("Atlantis", None),
        ("European Union", None),
        ("Canary Islands", None),
        ("", None),
    ],
)
def test_a_name_is_known_or_not(name: str, code: str | None) -> None:
    assert countries.code_of(name) == code


def test_the_spellings_of_clinicaltrials_gov_name_countries_that_cldr_spells_otherwise() -> None:
    for name, code in codes.COUNTRY.items():
        assert code in countries.names(), name
        assert countries.code_of(name) is None, name
