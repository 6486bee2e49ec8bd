"""Identifiers of MeSH, as the National Library of Medicine writes each.

Since May 2014 it counts on with nine digits where it had six, and leaves the older ones as they are (NLM Technical
Bulletin 2013 Mar-Apr (391) e1). It is one row of numbers, so zeros in front make no other term; some write them
before every number.
"""

import re
from typing import Final

_FORM: Final = re.compile(r"([CD])(\d{6}|\d{9})", re.ASCII)
_LAST_OF_SIX: Final = {"D": 66_329, "C": 584_390}
"""The highest numbers known to be written with six digits, of descriptors and of supplementary concepts."""
_FIRST_OF_NINE: Final = {"D": 66_448, "C": 613_593}
"""The lowest known to be written with nine. Numbers in between stay unchanged."""


def mesh_id(code: str) -> str:
    """The identifier as NLM writes it; what is none stays as it is."""
    match = _FORM.fullmatch(code)
    if match is None:
        return code
    letter, digits = match.groups()
    number = int(digits)
    if number <= _LAST_OF_SIX[letter]:
        return f"{letter}{number:06}"
    return f"{letter}{number:09}" if number >= _FIRST_OF_NINE[letter] else code
