"""Content rules of an upload beyond the DTD, which can't require a text to be present or meaningful.

The rules are the DTD's own comments, and a real upload that is valid with every `study_type` empty.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from lxml import etree

from adapters.ictrp import codes

_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


def _one_of(*words: str) -> Callable[[str], bool]:
    return frozenset(words).__contains__


def _shaped(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _day(text: str) -> bool:
    match = _DAY.fullmatch(text)
    if match is None:
        return False
    day, month, year = (int(part) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


FILLED = (
    "main/trial_id",
    "main/reg_name",
    "main/date_registration",
    "main/public_title",
    "main/recruitment_status",
    "main/study_type",
)
"""Elements that must not be empty; any other may be, and is then reported as a gap."""

_TYPE = "contacts/contact/type"
_AGE = _shaped(r"\d+(Y|M|W|D|H|Min)|N/A")
RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "main/utrn": (lambda text: codes.universal_number(text) == text, "is not a universal trial number"),
    "main/date_registration": (_day, "is not a day dd/mm/yyyy"),
    "main/date_enrolment": (_day, "is not a day dd/mm/yyyy"),
    "main/type_enrolment": (_one_of(*codes.DATE_KIND.values()), "is neither anticipated nor actual"),
    "main/target_size": (_shaped(r"\d+"), "is not a number"),
    "main/recruitment_status": (_one_of(*codes.RECRUITMENT_STATUSES), "is none of WHO's five"),
    "main/url": (_shaped(r"https?://\S+"), "is not a web address"),
    "main/study_type": (_one_of(*codes.STUDY_TYPE.values()), "is neither interventional nor observational"),
    "main/phase": (_one_of(*codes.PHASE.values()), "is not a phase"),
    "criteria/agemin": (_AGE, "is not an age such as 18Y, or N/A"),
    "criteria/agemax": (_AGE, "is not an age such as 18Y, or N/A"),
    "criteria/gender": (_one_of(*codes.GENDER.values()), "is none of -, M, F"),
    _TYPE: (_one_of(*codes.CONTACT_TYPE.values()), "is neither Public nor Scientific"),
}
_RULED = frozenset(path.partition("/")[0] for path in RULES if path != _TYPE)


def faults(trial: etree._Element) -> list[str]:
    """Every rule that the `trial` element breaks; none when it may be sent."""
    return list(_faults(trial))


def _faults(trial: etree._Element) -> Iterator[str]:
    sections = [section for section in trial if section.tag in _RULED]
    texts = [(f"{section.tag!s}/{leaf.tag!s}", leaf.text or "") for section in sections for leaf in section]
    filled = {path for path, text in texts if text.strip()}
    for path in FILLED:
        if path not in filled:
            yield f"{path} is empty"
    for path, text in texts:
        if text and path in RULES:
            yield from _broken(path, text)
    types = [element.text or "" for contacts in trial.iterchildren("contacts") for element in contacts.iter("type")]
    for type_ in types:
        if type_:
            yield from _broken(_TYPE, type_)
    for type_ in codes.CONTACT_TYPE.values():
        if type_ not in types:
            yield f"contacts has no contact of type {type_}"


def _broken(path: str, text: str) -> Iterator[str]:
    holds, complaint = RULES[path]
    if not holds(text):
        yield f"{path} {complaint}: {text[:40]!r}"
