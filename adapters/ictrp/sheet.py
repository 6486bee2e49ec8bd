"""One trial's upload element while it is being filled, and the gaps met on the way."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from adapters.ictrp.losses import Gap
from events.schemas.values import Text

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no way to write."""

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
    """Adds elements in the order they are asked for; the order is the DTD's, so the caller's."""

    number: str
    element: etree._Element = field(default_factory=lambda: etree.Element("trial"))
    gaps: list[Gap] = field(default_factory=list)

    def gap(self, tag: str, what: str) -> None:
        self.gaps.append(Gap(self.number, f"{ITEMS[tag]} {tag}", what))

    def group(self, tag: str) -> etree._Element:
        return etree.SubElement(self.element, tag)

    def leaf(self, parent: etree._Element, tag: str, content: str | None, item: str | None = None) -> None:
        """An element with the content, or an empty one; what XML can't hold is removed and reported."""
        content = content or ""
        clean = _NOT_XML.sub("", content)
        if clean != content:
            self.gap(item or tag, f"{len(content) - len(clean)} characters that XML can't hold were removed from {tag}")
        etree.SubElement(parent, tag).text = clean

    def required(self, parent: etree._Element, tag: str, content: str | None) -> None:
        """An element that should not be empty."""
        if not content:
            self.gap(tag, "not known; sent empty")
        self.leaf(parent, tag, content)

    def each(self, group: str, tag: str, contents: Iterable[str]) -> None:
        """A list: WHO wants at least one element, an empty one where there is nothing."""
        parent = self.group(group)
        for content in list(dict.fromkeys(contents)) or [""]:
            self.leaf(parent, tag, content)

    def words(self, tag: str, text: Text | None) -> str | None:
        """The English of a text; its Japanese, reported, where that is all there is."""
        if text is None:
            return None
        if text.en is None:
            self.gap(tag, "there is no English; sent in Japanese")
        return text.en or text.ja
