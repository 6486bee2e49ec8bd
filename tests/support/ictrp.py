"""Documents to send to WHO, and WHO's own DTD to hold what is sent against."""

from functools import cache
from io import BytesIO
from typing import Any

import pytest
from lxml import etree

from adapters.ictrp.render import Rendered, Sender, render
from adapters.reading import Parsed
from events.schemas.registration import Registration
from events.schemas.trial import with_old_number
from tests.support.ctgov import SHARED

SENDER = Sender("Example Registry", "https://registry.example/v1/trials")
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


@cache
def dtd() -> etree.DTD:
    """Skips the test where the DTD is not beside the repository."""
    if not DTD.exists():
        pytest.skip("../shared/formats/schemas is not here")
    return etree.DTD(BytesIO(DTD.read_bytes()))
