"""Countries by code and by the names that partners write."""

import pytest

from adapters import countries


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


def test_other_spellings_name_countries_that_cldr_spells_otherwise() -> None:
    own = {countries._plain(name) for name in countries.names().values()}
    for name, code in countries.SPELLINGS.items():
        assert code in countries.names(), name
        assert name not in own, name
        assert countries.code_of(name.title()) == code
