"""Finds the records in WHO's files: web exports, and uploads of registries."""

import re
from typing import Final

from adapters.scanning.xml_spans import Form

EXPORT: Final = Form("export", b"Trial", b"Trials_downloaded_from_ICTRP")
UPLOAD: Final = Form("upload", b"trial", b"trials", b"root")
FORMS: Final = (EXPORT, UPLOAD)
_NUMBER: Final = re.compile(rb"<(?:TrialID|trial_id)>\s*([!-;=-~]{1,64})\s*</")


def identifier(raw: bytes) -> str | None:
    """The number in a record's bytes, if it can be found without parsing them."""
    named = _NUMBER.search(raw)
    return named[1].decode() if named else None
