"""ClinicalTrials.gov as a partner: its records come in."""

from typing import Final

from adapters.ctgov.parse import parse
from adapters.ctgov.parties import REGISTRY
from adapters.partner import Partner, Source

PARTNER: Final = Partner(
    name="ctgov",
    registry=REGISTRY,
    source=Source(parse=parse, media_type="application/json", signs=(b'"protocolSection"',)),
)
