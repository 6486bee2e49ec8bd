"""Countries of recruitment as ICTRP files name them. TRDS item 11."""

import re
from typing import Final

from adapters import countries
from adapters.ictrp.texts import plain

SPELLINGS: Final = {
    "bolivarian republic of venezuela": "VE", "brunei darussalam": "BN", "burma": "MM",
    "cape verde": "CV", "congo, the democratic republic of the": "CD", "cote d'ivoire": "CI", "czech republic": "CZ",
    "democratic republic of the congo": "CD", "england": "GB", "great britain": "GB", "holland": "NL",
    "hong kong": "HK", "iran (islamic republic of)": "IR", "iran, islamic republic of": "IR", "ivory coast": "CI",
    "korea, democratic people's republic of": "KP", "korea, republic of": "KR",
    "lao people's democratic republic": "LA", "libyan arab jamahiriya": "LY", "macau": "MO",
    "macedonia, the former yugoslav republic of": "MK", "moldova, republic of": "MD", "myanmar": "MM",
    "none (japan only)": "JP", "none other than japan": "JP", "p.r. china": "CN", "palestine": "PS",
    "people's republic of china": "CN", "republic of korea": "KR", "republic of moldova": "MD", "reunion": "RE",
    "russia": "RU", "russian federation": "RU", "scotland": "GB", "slovak republic": "SK", "south korea": "KR",
    "swaziland": "SZ", "syrian arab republic": "SY", "taiwan, province of china": "TW",
    "tanzania, united republic of": "TZ", "the gambia": "GM", "the netherlands": "NL", "turkey": "TR", "uae": "AE",
    "uk": "GB", "united republic of tanzania": "TZ", "united states of america": "US", "usa": "US",
    "venezuela, bolivarian republic of": "VE", "viet nam": "VN", "wales": "GB",
}  # fmt: skip
"""Spellings that are not CLDR's English names. Regions (`ASIA`, `North America`) are none and stay unknown."""

_COMMA = re.compile(r",(?![^(]*\))")
_CODE = re.compile("[A-Z]{2}")


def country(name: str) -> str | None:
    """ISO 3166-1 code of a country. Two capitals are taken as a code: our own upload sends unknown ones so."""
    code = countries.code_of(name) or SPELLINGS.get(plain(name.replace("’", "'")))
    return code or (name if _CODE.fullmatch(name) else None)


def names(text: str, registry: str) -> list[str]:
    """The names in a cell: parted at `;`, and for UMIN, which writes no name with a comma, at commas."""
    found = _COMMA.split(text) if registry == "UMIN-CTR" else text.split(";")
    return [name.strip() for name in found if name.strip()]
