"""The registries: codes that are stored, names that people read, addresses where numbers are shown."""

import re

import pytest

from events.identifiers import registry_of
from events.identifiers.forms import FORMS
from events.identifiers.names import NAMES
from events.identifiers.registries import REGISTRIES, address_of, coded, named


def test_a_code_is_lower_case_and_named_in_both_languages() -> None:
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code) for code in REGISTRIES)
    assert all(registry.en and registry.ja for registry in REGISTRIES.values())


def test_no_two_registries_have_one_name() -> None:
    assert len({registry.en for registry in REGISTRIES.values()}) == len(REGISTRIES)


def test_every_form_and_every_name_is_of_a_registry_of_the_table() -> None:
    used = {form.registry for form in FORMS.values()}.union(*NAMES.values())

    assert used == REGISTRIES.keys() - {"who-ictrp"}


@pytest.mark.parametrize("code", sorted(REGISTRIES.keys() - {"who", "who-ictrp"}))
def test_what_a_registry_is_called_names_it(code: str) -> None:
    assert registry_of(named(code)) == code
    assert coded(named(code)) == code


def test_a_name_without_a_code_stays_as_it_is() -> None:
    assert (named("Example Registry"), coded("Example Registry")) == ("Example Registry", "Example Registry")
    assert coded("CT.gov") == "CT.gov"


def test_pages_call_a_registry_as_their_language_does() -> None:
    assert (named("euctr"), named("euctr", "ja")) == ("EU Clinical Trials Register", "EU 臨床試験レジスター")


def test_an_address_is_made_of_the_number_as_it_is_encoded() -> None:
    assert address_of("ctgov", "NCT01234567") == "https://clinicaltrials.gov/study/NCT01234567"
    assert address_of("jrct", "jRCTs031190227/../x") == "https://jrct.mhlw.go.jp/latest-detail/jRCTs031190227%2F..%2Fx"
    assert address_of("umin-ctr", "UMIN000039686") is None
    assert address_of("Example Registry", "1") is None
