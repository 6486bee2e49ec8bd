"""A link is believed where the address leads to the trial, as far as an address tells."""

import pytest

from events.identifiers.links import is_web, leads_to, names_another

HERE = ("ctgov", "NCT80190014")


@pytest.mark.parametrize(
    ("url", "registry", "number"),
    [
        ("https://clinicaltrials.gov/ct2/show/NCT80190014", *HERE),
        ("https://clinicaltrials.gov/study/nct80190014?tab=results", *HERE),
        ("https://example.org/mirror/NCT80190014", *HERE),
        ("http://www.chictr.org.cn/showproj.aspx?proj=49217", "chictr", "ChiCTR2000029953"),
        ("https://center6.umin.ac.jp/cgi-open-bin/ctr_e/ctr_view.cgi?recptno=R000045268", "umin-ctr", "UMIN000039686"),
        ("https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:2007-002319-16", "euctr",
         "EUCTR2007-002319-16"),
        ("https://anzctr.org.au/ACTRN12609000263291.aspx", "anzctr", "ACTRN12609000263291"),
        ("https://registry.example/trial/5", "Example Registry", "EX-5"),
    ],
)  # fmt: skip
def test_a_link_of_the_registrys_own_site_or_with_the_number_leads_to_the_trial(
    url: str, registry: str, number: str
) -> None:
    assert leads_to(url, registry, number)
    assert not names_another(url, number)


@pytest.mark.parametrize(
    "url",
    [
        "https://clinicaltrials.gov/ct2/show/NCT04877002",
        "https://clinicaltrials.gov/ct2/show/NCT04877002?rank=80190014",
        "https://example.org/NCT04877002",
    ],
)
def test_a_link_that_names_another_trial_does_not(url: str) -> None:
    assert names_another(url, HERE[1])
    assert not leads_to(url, *HERE)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://clinicaltrials.gov/NCT80190014", "clinicaltrials.gov/study/x",
     "https:///NCT80190014", "https://NCT80190014@example.org/", "https://[", "N/A", ""],
)  # fmt: skip
def test_what_is_no_address_of_the_web_leads_nowhere(url: str) -> None:
    assert not is_web(url)
    assert not leads_to(url, *HERE)


@pytest.mark.parametrize("url", ["https://example.org/", "https://clinicaltrials.gov.example.org/study/1"])
def test_a_link_of_another_site_without_the_number_is_not_believed(url: str) -> None:
    assert is_web(url)
    assert not leads_to(url, *HERE)
