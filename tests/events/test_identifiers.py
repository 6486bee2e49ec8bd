"""Numbers of trials as people and partners write them: each is its registry's, or nobody's. Samples from ../shared."""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.identifiers import Identified, identify, issued_by, registry_of
from events.identifiers.names import NAMES
from events.schemas.registration import IdentifierKind
from tests.support.identifiers import CTGOV, CTIS, EUCTR, NOBODYS, NTR, NUMBERS, spellings

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "formats" / "samples"
SHARED = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared, with the real samples, is not here")

SPELLINGS = sorted(set(spellings()), key=str)
IDENTIFIED = [identified for text, *_ in SPELLINGS if (identified := identify(text))]


def parts(identified: Identified | None) -> tuple[str, str, str | None] | None:
    return None if identified is None else (identified.registry, identified.number, identified.country)


def test_at_least_five_hundred_are_asked() -> None:
    assert len({text for text, *_ in SPELLINGS}) == len(SPELLINGS) >= 500
    assert len(set(NOBODYS)) == len(NOBODYS) >= 200


def test_every_way_of_writing_a_number_is_the_number_of_its_registry() -> None:
    wrong = {text: parts(identify(text)) for text, *expected in SPELLINGS if parts(identify(text)) != tuple(expected)}

    assert wrong == {}


def test_what_is_no_number_or_not_one_number_is_nobodys() -> None:
    wrong = {text: parts(identify(text)) for text in NOBODYS if identify(text) is not None}

    assert wrong == {}


def test_only_whos_is_a_universal_trial_number() -> None:
    assert {one.registry for one in IDENTIFIED if one.kind is IdentifierKind.UTN} == {"who"}
    assert {one.kind for one in IDENTIFIED if one.registry != "who"} == {IdentifierKind.REGISTRY}


def test_a_number_as_we_write_it_is_the_same_number() -> None:
    assert [one for one in IDENTIFIED if identify(one.written()) != one or str(one) != one.written()] == []
    assert [one for one in IDENTIFIED if identify(one.number) != Identified(one.registry, one.number, one.kind)] == []


def test_numbers_of_two_registries_are_never_the_same() -> None:
    registries = {(one.number, one.registry) for one in IDENTIFIED}

    assert len({number for number, _ in registries}) == len(registries)


WRITTEN = st.sampled_from([text for text, *_ in SPELLINGS] + NOBODYS)
PIECES = st.lists(st.one_of(WRITTEN, st.text(max_size=4)), max_size=3).map("".join)


@given(st.one_of(st.text(), PIECES))
def test_any_text_is_a_number_that_is_written_as_itself_or_none(text: str) -> None:
    identified = identify(text)

    assert identified is None or identify(identified.written()) == identified
    assert identified == identify(f" {text}\n") or len(text) > 100


@given(WRITTEN, st.characters(categories=["L", "N"]))
def test_a_letter_or_digit_before_a_number_never_leaves_it_the_same(text: str, before: str) -> None:
    assert identify(before + text) is None or identify(before + text) != identify(text)


@settings(max_examples=20)
@given(st.from_regex(r"126[0-9]{8}", fullmatch=True))
def test_of_a_thousand_numbers_of_anzctr_the_check_digits_leave_one(digits: str) -> None:
    (check,) = (check for check in range(1000) if identify(f"ACTRN{digits}{check:03}"))

    assert sum(map(int, digits[:5])) % 10 == -(check // 100) % 10
    assert sum(map(int, digits[5:])) % 10 == -(check // 10 % 10) % 10
    assert check % 10 == (check // 100 + check // 10) % 10


def test_a_long_text_is_no_number() -> None:
    assert identify("NCT01234567" + " " * 1_000_000) is None
    assert identify("(" * 100_000 + "NCT01234567") is None


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        ("CT.gov", CTGOV),
        ("clinicaltrials.gov", CTGOV),
        ("clinical trials.gov", CTGOV),
        ("ClinicalTrials.gov (Protocol Registration System)", CTGOV),
        ("REBEC", "rebec"),
        ("ReBec", "rebec"),
        ("Chinese Clinical Trial Registry", "chictr"),
        ("EU-CTR", EUCTR),
        ("EUCTR", EUCTR),
        ("euctr", EUCTR),
        ("EudraCT", EUCTR),
        ("CTIS", CTIS),
        ("CTIS (EU)", CTIS),
        ("EU CT number", CTIS),
        ("Clinical Trials Information System (CTIS)", CTIS),
        ("Australian New Zealand Clinical Trials Registry", "anzctr"),
        ("CRIS", "cris"),
        ("jRCT (Japan)", "jrct"),
        ("ＵＭＩＮ－ＣＴＲ", "umin-ctr"),
        ("German Clinical Trials Register", "drks"),
        ("Swiss National Clinical Trials Portal (SNCTP)", "snctp"),
        ("World Health Organization (WHO)", "who"),
        ("WHO/ICTRP", "who"),
        ("NTR", NTR),
        ("JPRN", None),
        ("Japan Primary Registries Network (JPRN)", None),
        ("Clinical Trials", None),
        ("Eli Lilly and Company", None),
        ("CONEP", None),
        ("", None),
        ("()", None),
    ],
)
def test_a_registry_goes_by_many_names(name: str, registry: str | None) -> None:
    assert registry_of(name) == registry


def test_each_registry_goes_by_its_own_name_and_in_each_label() -> None:
    assert {registry: registry_of(registry) for registry in NUMBERS} == {registry: registry for registry in NUMBERS}


@given(st.text(max_size=200))
def test_any_text_may_be_asked_for_a_registry(text: str) -> None:
    assert registry_of(text) in {None, *NUMBERS}


def fields(file: Path, *tags: str) -> set[str]:
    found = re.findall(rf"<({'|'.join(tags)})[^>]*>([^<]+)<", file.read_text(encoding="utf-8"))
    return {content.strip() for _, content in found if content.strip()}


def real() -> Iterator[tuple[str, str | None]]:
    """Every number of the samples that stands where a registry's own number stands, with its registry."""
    export, upload = SAMPLES / "ictrp_export/ictrp_web_export_300.xml", SAMPLES / "ictrp_upload/rebec_57_upload.xml"
    yield from ((one, CTGOV if one.startswith("NCT") else "chictr") for one in fields(export, "TrialID"))
    yield from ((one, "rebec") for one in fields(upload, "trial_id"))
    yield from ((one, "who") for one in fields(upload, "utrn"))
    for file in (SAMPLES / "ctgov_v2").glob("*.json"):
        for study in orjson.loads(file.read_bytes()):
            identity = study["protocolSection"]["identificationModule"]
            yield from ((one, CTGOV) for one in (identity["nctId"], *identity.get("nctIdAliases", ())))
    japanese = {"j": "jrct", "U": "umin-ctr", "J": "japic-cti"}
    for line in (SAMPLES / "jprn/japanese_trials_130.ndjson").read_text(encoding="utf-8").splitlines():
        trial = orjson.loads(line)
        renderings = [one["TrialID"] for one in trial["renderings"] if "TrialID" in one]
        yield from ((one, japanese[trial["trial_id"][0]]) for one in (trial["trial_id"], *renderings))
    yield from ((file.stem, CTIS) for folder in SAMPLES.glob("ctis_*") for file in folder.glob("*.json"))
    yield from ((file.stem, EUCTR) for file in (SAMPLES / "euctr").glob("*.json"))
    yield from ((f"ISRCTN{file.stem}", "isrctn") for file in (SAMPLES / "isrctn").glob("*.json"))


SECONDARY = {
    "ACTRN": "anzctr", "NCT": CTGOV, "U1111": "who", "jRCT": "jrct", "SNCTP": "snctp", "ISRCTN": "isrctn",
}  # fmt: skip
"""What the secondary numbers of the samples begin with that are a registry's, besides the European."""


def secondary() -> Iterator[str]:
    yield from fields(SAMPLES / "ictrp_upload/rebec_57_upload.xml", "sec_id")
    for file in (SAMPLES / "ctgov_v2").glob("*.json"):
        for study in orjson.loads(file.read_bytes()):
            identity = study["protocolSection"]["identificationModule"]
            yield identity["orgStudyIdInfo"]["id"]
            yield from (one["id"] for one in identity.get("secondaryIdInfos", ()))


@SHARED
def test_every_real_number_is_its_registrys() -> None:
    numbers = list(real())
    wrong = {text: parts(identify(text)) for text, registry in numbers if (parts(identify(text)) or "?")[0] != registry}

    assert wrong == {}
    assert len(numbers) >= 278 + 300 + 57 + 57 + 130


@SHARED
def test_a_real_secondary_number_is_a_registrys_where_it_begins_like_one() -> None:
    expected, found = {}, {}
    for text in secondary():
        prefix = re.match(r"[A-Za-z]+(1111)?", text)
        european = re.fullmatch(r"\d{4}-(0\d{5}-\d\d|5\d{5}-\d\d-\d\d)", text)
        expected[text] = (
            SECONDARY.get(prefix[0]) if prefix else None if not european else EUCTR if european[1][0] == "0" else CTIS
        )
        found[text] = (parts(identify(text)) or (None,))[0]

    assert found == expected
    assert {CTGOV, "anzctr", "who", "jrct", "snctp", EUCTR, CTIS} <= set(found.values())


@pytest.mark.parametrize("text", ["C000000079", "R000045268", "NTR5191", "NL9082", "PER-010-20"])
def test_a_stated_issuer_goes_before_a_form_that_others_number_in(text: str) -> None:
    known = identify(text)

    assert known is not None
    assert known.alike
    assert issued_by(text, "Ethics Committee of Example University") is None
    assert issued_by(text, "drks") is None
    for issuer in (None, "", known.registry, *(name for name, codes in NAMES.items() if known.registry in codes)):
        assert issued_by(text, issuer) == known


@pytest.mark.parametrize("text", ["NCT01234567", "2022-502839-19-00", "U1111-1121-8947", "jRCTs031190227"])
def test_a_number_that_no_other_gives_is_its_registrys_whoever_is_stated(text: str) -> None:
    assert issued_by(text, "Example Pharma") == identify(text) is not None


def test_a_label_says_whose_the_number_is() -> None:
    assert issued_by("UMIN ID: C000000079", "Example University") == identify("C000000079")
