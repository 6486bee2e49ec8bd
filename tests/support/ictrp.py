"""Documents to send to WHO, WHO's own DTD by which they are checked, and records as ICTRP's files hold them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from lxml import etree

from adapters.exporting import Sender
from adapters.ictrp.parse import parse
from adapters.ictrp.render import Rendered, render
from adapters.reading import Parsed, Refused
from events.schemas.items import with_old_number
from events.schemas.registration import Registration
from tests.support.ctgov import SHARED

SENDER = Sender("Example Registry", "https://registry.example/v1/trials", date(2026, 11, 22))
EXPORT = SHARED / "samples" / "ictrp_export" / "ictrp_web_export_300.xml"
UPLOAD = SHARED / "samples" / "ictrp_upload" / "rebec_57_upload.xml"
DTD = SHARED / "schemas" / "ictrp" / "who_ictrp.dtd"


def document(registration: Registration | dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A published trial's document as the views give it."""
    stored = registration.to_stored() if isinstance(registration, Registration) else registration
    return {
        "trial": "0190-example",
        "number": "JP-1",
        "registered": "2026-11-22",
        "owner": "example",
        "status": {"authorisation": "published", "recruitment": "recruiting"},
        "registration": stored,
        "sites": {},
        **fields,
    }


def adopted(one: Parsed, number: str) -> dict[str, Any]:
    """The document that the views have of an imported trial once it is registered here."""
    home = one.home.to_stored()
    registration = with_old_number(one.registration.to_stored(), home)
    return document(registration, number=number, status=one.status.to_stored(), adopted_from=home)


def rendered(registration: Registration | dict[str, Any], **fields: Any) -> Rendered:
    return render(document(registration, **fields), {}, SENDER)


def text(path: str, registration: dict[str, Any], **fields: Any) -> str | None:
    return rendered(registration, **fields).element.findtext(path)


def texts(path: str, registration: dict[str, Any]) -> list[str]:
    return [one.text or "" for one in rendered(registration).element.iterfind(path)]


def gaps(item: str, registration: dict[str, Any]) -> list[str]:
    return [gap.what for gap in rendered(registration).gaps if gap.item == item]


@cache
def dtd() -> etree.DTD:
    """Skips the test where the DTD is not beside the repository."""
    if not DTD.exists():
        pytest.skip("../shared/formats/schemas is not here")
    return etree.DTD(BytesIO(DTD.read_bytes()))


def sample(form: str) -> list[Parsed | Refused]:
    """Every record of a real file, `export` or `upload`; skips the test where the samples are not here."""
    file = EXPORT if form == "export" else UPLOAD
    if not file.exists():
        pytest.skip("../shared/formats/samples is not here")
    return list(parse([file.read_bytes()], file.name))


def export_file(*records: Mapping[str, str]) -> bytes:
    """A web export of records, each given as element to text."""
    root = etree.Element("Trials_downloaded_from_ICTRP")
    for record in records:
        trial = etree.SubElement(root, "Trial")
        for tag, text in record.items():
            etree.SubElement(trial, tag).text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def exported(number: str = "NCT90000001", **elements: str) -> Parsed:
    """What a web export's record is read to: a number, a register, and the elements given."""
    (one,) = parse([export_file({"TrialID": number, **elements})], "file")
    assert isinstance(one, Parsed), one.reason
    return one


def stored_export(number: str = "NCT90000001", **elements: str) -> dict[str, Any]:
    """The registration that a web export's record is read to, as stored."""
    return exported(number, **elements).registration.to_stored()


def upload_file(*trials: etree._Element) -> bytes:
    root = etree.Element("trials")
    root.extend(trials)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def uploaded(*, registry: str = "Example Registry", number: str = "JP-1", **elements: str) -> Parsed:
    """What an upload's trial is read to: each element is given by its path with `__` for a slash."""
    trial = etree.Element("trial")
    for path, text in {"main__trial_id": number, "main__reg_name": registry, **elements}.items():
        here = trial
        for step in path.split("__"):
            found = here.find(step)
            here = etree.SubElement(here, step) if found is None else found
        here.text = text
    (one,) = parse([upload_file(trial)], "file")
    assert isinstance(one, Parsed), one.reason
    return one


def restored(one: Parsed) -> dict[str, Any]:
    """The document of a trial that was read from an upload of our own: number and date stay, its id here is another."""
    return document(
        one.registration,
        trial="0190-restored",
        number=one.home.number,
        registered=one.home.registered,
        status=one.status.to_stored(),
    )


def read_back(result: Rendered) -> Parsed:
    """What is read of a trial that was sent."""
    (one,) = parse([upload_file(result.element)], "upload")
    assert isinstance(one, Parsed), one.reason
    return one
