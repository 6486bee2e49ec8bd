"""Identifying numbers of trials in the form in which they are compared."""

import re
from collections.abc import Iterator
from typing import Final

from events.identifiers import in_our_form
from events.identifiers.nothing import nothing
from events.normal_form import nfkc
from events.schemas.registration import IdentifierKind
from projections.base.sharing import short_ones_kept
from projections.trial.document import Document

NOT_COMPARED: Final = re.compile(r"[\W_]+")
NETWORK_PREFIX: Final = "JPRN"
"""The WHO portal sets it before the number of every Japanese registry; people write it or leave it out."""

LONGEST_COMPARED: Final = 200
"""Characters that count. An index of PostgreSQL takes 2,700 bytes, and NFKC makes eighteen characters of one."""


@short_ones_kept(20_000)
def normalise(identifier: str) -> str:
    """NFKC, upper case, letters and digits only, without `JPRN-` in front, cut where it is long; perhaps empty.

    A registry's number is the same however it is written, and in all rows of the EU Clinical Trials Register.
    """
    compared = NOT_COMPARED.sub("", nfkc(in_our_form(identifier)).upper())
    return compared.removeprefix(NETWORK_PREFIX)[:LONGEST_COMPARED]


def numbers_of(document: Document) -> Iterator[str]:
    """The normalised numbers that registries gave the trial: ours, and its home's before or after adoption."""
    homes = (document.get("home"), document.get("adopted_from"))
    for number in (document.get("number"), *(home["number"] for home in homes if home)):
        if number and (normalised := normalise(number)):
            yield normalised


def former_of(document: Document) -> Iterator[str]:
    """The numbers that the trial's home registry gave it before, as that registry says itself, and as it writes them.

    After an adoption nobody keeps them true any more: the owner may write what he likes among the claims.
    """
    home = document.get("home", {}).get("registry")
    for claim in document["registration"].get("identifiers", ()):
        claimed = (claim["kind"], claim.get("issuer"), claim.get("source"))
        if home and claimed == (IdentifierKind.REGISTRY, home, home) and normalise(claim["value"]):
            yield claim["value"]


def claims_of(registration: Document) -> Iterator[str]:
    """The normalised numbers that the registration only claims. TRDS item 3. `None` and its like are no numbers."""
    for claim in registration.get("identifiers", ()):
        if not nothing(claim["value"]) and (normalised := normalise(claim["value"])):
            yield normalised
