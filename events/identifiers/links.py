"""Whether a link that claims to lead to a trial does, as far as the address itself shows."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from events.identifiers import in_our_form
from events.identifiers.registries import REGISTRIES

_BETWEEN: Final = re.compile(r"[/?&=:#;,.+\s]+")
_DIGITS: Final = re.compile(r"\d+", re.ASCII)


def leads_to(url: str, registry: str, number: str) -> bool:
    """Whether a web address is of the registry's own site, or has the number in it, and names no other trial."""
    parts = _parts(url)
    if parts is None or names_another(url, number):
        return False
    hosts = REGISTRIES[registry].hosts if registry in REGISTRIES else ()
    return not hosts or _is_of(parts.hostname or "", hosts) or number in _numbers(parts)


def names_another(url: str, number: str) -> bool:
    """Whether the address has a number of the same form in it, and not this one.

    A registry may have its own key in the address, of another form: UMIN-CTR's pages have that of the receipt.
    """
    parts = _parts(url)
    alike = {one for one in _numbers(parts) if _form(one) == _form(number)} if parts else set()
    return bool(alike) and number not in alike


def is_web(url: str) -> bool:
    """Whether it is an address of the web, with a host and nobody's name before it."""
    return _parts(url) is not None


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return parts if named and parts.scheme in ("http", "https") else None


def _numbers(parts: SplitResult) -> Iterator[str]:
    """The numbers of registries that stand in an address, as we write them, and each piece of it as it is."""
    for piece in _BETWEEN.split(unquote(f"{parts.path}?{parts.query}#{parts.fragment}")):
        yield in_our_form(piece)


def _form(number: str) -> str:
    return _DIGITS.sub("0", number.upper())


def _is_of(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in hosts)
