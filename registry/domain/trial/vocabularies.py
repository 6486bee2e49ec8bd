"""Words that a registration of our own may use where a field names a kind: codes, checked when a command brings them.

They are ClinicalTrials.gov's in lower case, and what Japan adds. `other` is in each of them: what it is then stands in
the description beside it, or in the summary of the design. Events hold a line in these fields, as partners have words
of their own, and what was there before, as in an adopted registration, may stay.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from events.identifiers.nothing import nothing
from registry.domain.decider import Fault

Stored: TypeAlias = Mapping[str, Any]
OTHER: Final = "other"
ANY: Final = "*"
NAMED: Final = 100
"""Characters of a word that a refusal repeats."""

VOCABULARIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "/design/allocation": ("randomized", "non_randomized", "na", OTHER),
        "/design/model": ("single_group", "parallel", "crossover", "factorial", "sequential", OTHER),
        "/design/purpose": (
            "treatment", "prevention", "diagnostic", "ect", "supportive_care", "screening",
            "health_services_research", "basic_science", "device_feasibility", OTHER,
        ),
        "/design/masking": ("none", "single", "double", "triple", "quadruple", OTHER),
        "/design/masked/*": ("participant", "care_provider", "investigator", "outcomes_assessor", OTHER),
        "/design/observational_model": (
            "cohort", "case_control", "case_only", "case_crossover", "ecologic_or_community", "family_based",
            "defined_population", "natural_history", OTHER,
        ),
        "/design/time_perspective": ("retrospective", "prospective", "cross_sectional", OTHER),
        "/eligibility/sampling": ("probability_sample", "non_probability_sample", OTHER),
        "/interventions/*/kind": (
            "behavioral", "biological", "combination_product", "device", "diagnostic_test", "dietary_supplement",
            "drug", "genetic", "procedure", "radiation", "regenerative", OTHER,
        ),
        "/arms/*/kind": (
            "experimental", "active_comparator", "placebo_comparator", "sham_comparator", "no_intervention", OTHER,
        ),
    }
)  # fmt: skip
"""The codes of each field, by its place in a registration. TRDS items 13 and 15."""

_CODES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2, the 249 codes that are assigned. A region, as `EU`, is no country."""


def coded(registration: Stored, before: Stored = MappingProxyType({})) -> Iterator[Fault]:
    """Faults of values that are not among the codes of their fields. `before`: the registration that it amends."""
    for place, codes in VOCABULARIES.items():
        field = place.split("/", 2)[1]
        if registration.get(field) is before.get(field):
            continue
        known = {*codes, *(value for _, value in _at(before, place))}
        for field, value in _at(registration, place):
            if value not in known:
                name = field.rpartition("/")[2] if place[-1] != ANY else place.split("/")[-2]
                message = f"{name} is {value[:NAMED]!r}; write one of: {', '.join(codes)}"
                yield Fault("unknown-code", message, f"/registration{field}")
    yield from _countries(registration, before)
    yield from _numbers(registration, before)


def _numbers(registration: Stored, before: Stored) -> Iterator[Fault]:
    """`None` and its like are no numbers: a claim is left out where there is none."""
    known = {claim["value"] for claim in before.get("identifiers", ())}
    for number, claim in enumerate(registration.get("identifiers", ())):
        if claim["value"] not in known and nothing(claim["value"]):
            message = f"{claim['value'][:NAMED]!r} says that there is no number; leave the entry out"
            yield Fault("no-number", message, f"/registration/identifiers/{number}/value")


def _countries(registration: Stored, before: Stored) -> Iterator[Fault]:
    known = set(before.get("countries", ()))
    for number, code in enumerate(registration.get("countries", ())):
        if code not in known:
            yield from country(code, f"/registration/countries/{number}")


def country(code: str | None, field: str) -> Iterator[Fault]:
    """A country is one of ISO 3166-1."""
    if code is not None and code not in COUNTRIES:
        yield Fault("unknown-country", f"{code} is no country's code in ISO 3166-1; write one as JP or US", field)


def countries_of_persons(command: Any, field: str = "") -> Iterator[Fault]:
    """The countries in the addresses of persons that are none. `command`: in stored form, persons in clear."""
    if isinstance(command, Mapping):
        for name, value in command.items():
            if name == "person" and isinstance(value, Mapping):
                yield from country(value.get("country"), f"{field}/person/country")
            else:
                yield from countries_of_persons(value, f"{field}/{name}")
    elif isinstance(command, list):
        for number, value in enumerate(command):
            yield from countries_of_persons(value, f"{field}/{number}")


def _at(value: Any, place: str, field: str = "") -> Iterator[tuple[str, str]]:
    """The values at a place, where `*` is each member of a list, with the JSON Pointer of each."""
    name, _, rest = place.removeprefix("/").partition("/")
    rest = rest and f"/{rest}"
    if not place:
        yield field, value
    elif name == ANY:
        for number, member in enumerate(value):
            yield from _at(member, rest, f"{field}/{number}")
    elif name in value:
        yield from _at(value[name], rest, f"{field}/{name}")
