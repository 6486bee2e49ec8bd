"""One trial's upload element while it is being filled, and its gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from babel import Locale
from lxml import etree

from adapters.exporting import Gap
from adapters.ictrp.texts import removed, trimmed
from events.schemas.languages import first

ENGLISH = Locale("en")

ITEMS = {
    "trial_id": 1, "reg_name": 1, "url": 1, "date_registration": 2, "secondary_id": 3, "utrn": 3, "source_name": 4,
    "primary_sponsor": 5, "sponsor_name": 6, "Public": 7, "Scientific": 8, "public_title": 9, "acronym": 9,
    "scientific_title": 10, "scientific_acronym": 10, "country2": 11, "hc_freetext": 12, "hc_code": 12,
    "hc_keyword": 12, "i_freetext": 13, "i_code": 13, "i_keyword": 13, "inclusion_criteria": 14,
    "exclusion_criteria": 14, "agemin": 14, "agemax": 14, "gender": 14, "study_type": 15, "study_design": 15,
    "phase": 15, "date_enrolment": 16, "type_enrolment": 16, "target_size": 17, "recruitment_status": 18,
    "prim_outcome": 19, "sec_outcome": 20,
}  # fmt: skip
"""Element, or type of contact, to the number of its TRDS item."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Adds elements in the order of the calls; the caller follows the DTD's order."""

    number: str
    element: etree._Element = field(default_factory=lambda: etree.Element("trial"))
    gaps: list[Gap] = field(default_factory=list)

    def gap(self, tag: str, what: str) -> None:
        self.gaps.append(Gap(self.number, f"{ITEMS[tag]} {tag}", what))

    def group(self, tag: str) -> etree._Element:
        return etree.SubElement(self.element, tag)

    def clean(self, item: str, content: str | None) -> str:
        """The content as it is read back, clean: no blanks around, no characters that XML can't contain (reported)."""
        if not content or content.isprintable():
            return (content or "").strip()
        text = removed(content)
        if lost := len(content) - len(text):
            self.gap(item, f"{lost} characters that XML can't hold were removed")
        return trimmed(text)

    def leaf(self, parent: etree._Element, tag: str, content: str | None, item: str | None = None) -> None:
        """An element with the content, made clean, or an empty one."""
        etree.SubElement(parent, tag).text = self.clean(item or tag, content)

    def required(self, parent: etree._Element, tag: str, content: str | None) -> None:
        """An element that should not be empty. The content is clean."""
        if not content:
            self.gap(tag, "not known; sent empty")
        etree.SubElement(parent, tag).text = content or ""

    def each(self, group: str, tag: str, contents: Iterable[str | None]) -> None:
        """A list without blanks and repetitions: WHO requires at least one element, an empty one for an empty list.

        The contents are clean.
        """
        parent = self.group(group)
        for content in dict.fromkeys(filter(None, contents)) or ("",):
            etree.SubElement(parent, tag).text = content

    def words(self, tag: str, text: Mapping[str, str] | None) -> str | None:
        """The English of a text, clean; if there is none, another language, which is reported. None if it is empty."""
        if text is None:
            return None
        if english := self.clean(tag, text.get("en")):
            return english
        language = first(text, "ja")
        other = self.clean(tag, text[language])
        if other:
            self.gap(tag, f"there is no English; sent in {ENGLISH.languages.get(language, language)}")
        return other or None
