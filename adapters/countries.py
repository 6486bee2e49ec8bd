"""Countries: ISO 3166-1 alpha-2 codes and their English names, as Unicode's CLDR has them."""

from functools import cache
from typing import Final

from babel import Locale

# CLDR has names for these too, but they are groups, test regions or parts of countries and no ISO 3166-1 code.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@cache
def names() -> dict[str, str]:
    """Code to English name."""
    regions = Locale("en").territories.items()
    return {code: name for code, name in regions if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY}


SPELLINGS: Final = {
    "bahamas, the": "BS", "bolivarian republic of venezuela": "VE", "brunei darussalam": "BN", "burma": "MM",
    "cabo verde": "CV", "congo": "CG", "congo, the democratic republic of the": "CD", "cote d'ivoire": "CI",
    "czech republic": "CZ", "democratic republic of the congo": "CD", "england": "GB",
    "falkland islands (malvinas)": "FK", "federated states of micronesia": "FM", "great britain": "GB",
    "holland": "NL", "hong kong": "HK", "iran (islamic republic of)": "IR", "iran, islamic republic of": "IR",
    "ivory coast": "CI", "korea, democratic people's republic of": "KP", "korea, republic of": "KR",
    "lao people's democratic republic": "LA", "libyan arab jamahiriya": "LY", "macau": "MO",
    "macedonia, the former yugoslav republic of": "MK", "micronesia, federated states of": "FM",
    "moldova, republic of": "MD", "myanmar": "MM", "p.r. china": "CN", "palestine": "PS",
    "palestinian territory, occupied": "PS", "people's republic of china": "CN", "republic of korea": "KR",
    "republic of moldova": "MD", "republic of the congo": "CG", "reunion": "RE", "russian federation": "RU",
    "saint kitts and nevis": "KN", "saint lucia": "LC", "saint martin": "MF",
    "saint vincent and the grenadines": "VC", "sao tome and principe": "ST", "scotland": "GB",
    "slovak republic": "SK", "swaziland": "SZ", "syrian arab republic": "SY", "taiwan, province of china": "TW",
    "tanzania, united republic of": "TZ", "the gambia": "GM", "the netherlands": "NL", "turkey": "TR",
    "turkey (türkiye)": "TR", "uae": "AE", "uk": "GB", "united republic of tanzania": "TZ",
    "united states of america": "US", "usa": "US", "venezuela, bolivarian republic of": "VE", "viet nam": "VN",
    "virgin islands (u.s.)": "VI", "wales": "GB",
}  # fmt: skip
"""Names from partners' records that CLDR lacks, in the form of `_plain`. Regions (`ASIA`) are not countries."""


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("&", "and").replace("’", "'").split())


@cache
def codes() -> dict[str, str]:
    """English names and their other spellings, in lower case and with `and` spelt out, to code."""
    return SPELLINGS | {_plain(name): code for code, name in names().items()}


def code_of(name: str) -> str | None:
    return codes().get(_plain(name))
