"""Which sites of a partner's record are sites that the trial has already, and ids for those that are new.

A site gets an id of its own when it is first seen, `s1`, `s2` and so on within its trial, and keeps it while its
partner corrects what it is called or where it is. A site that comes in is one that is known, in this order, where

1. name, city, region, postcode and country are all the same. Several such sites are distinguished by their other data:
first by all of it, then by contacts and place on the map, then by contacts, then by recruitment, so that their order
means nothing. Of those that differ in nothing, or in everything, the first is the first; 2. name, city and country are
the same, of one site known and of one that comes in alone; 3. name, postcode and country are the same, likewise, and a
postcode is stated.

Texts are compared without case and blanks around. Sites of the same source are looked at before those of others, and
those that left after those that are there. A site without a match is new: nobody would notice a wrong match. Only
people say that two ids are one site.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

from events.canonical import to_json
from events.normal_form import nfkc
from events.pointers import ITEM
from events.schemas.languages import first
from events.schemas.trial import SiteAsImported
from registry.domain.trial.state import State

Stored: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, ...] | None
NUMBERED: Final = re.compile(r"s([1-9][0-9]*)").fullmatch


def identified(state: State, source: str, sites: Sequence[SiteAsImported]) -> tuple[SiteAsImported, ...]:
    """The sites with the ids that they have in the trial, in the order given. `source` is their sender's key."""
    coming = [site.to_stored() for site in sites]
    found: dict[int, str] = {}
    for known in _known(state, source):
        for key, only_one in _KEYS:
            found |= _matches(_unmatched(coming, found), _others(known, found.values()), key, only_one=only_one)
    named = zip(sites, _ids(state, found, len(sites)), strict=True)
    return tuple(site.model_copy(update={"site": id_}) for site, id_ in named)


def _known(state: State, source: str) -> list[dict[str, Stored]]:
    """The sites that each source named, by id: the sender's own first, and of each those that are there first."""
    if state is None:
        return []
    ordered = sorted(state.sources.items(), key=lambda one: (one[0] != source, one[0]))
    listed = [view.whole["sites"] for _, view in ordered]
    return [
        {id_: one for id_, one in sites.items() if ("left" in one) is has_left}
        for sites in listed
        for has_left in (False, True)
    ]


def _unmatched(coming: Sequence[Stored], found: Mapping[int, str]) -> dict[int, Stored]:
    return {number: site for number, site in enumerate(coming) if number not in found}


def _others(known: Mapping[str, Stored], taken: Iterable[str]) -> dict[str, Stored]:
    gone = set(taken)
    return {id_: site for id_, site in known.items() if id_ not in gone}


def _matches(
    coming: Mapping[int, Stored], known: Mapping[str, Stored], key: Callable[[Stored], Key], *, only_one: bool
) -> dict[int, str]:
    """Which of those that come in are which known ones, by a key; by order where several have the same."""
    theirs, ours = _by_key(coming, key), _by_key(known, key)
    pairs: dict[int, str] = {}
    for one, numbers in theirs.items():
        ids = ours.get(one, [])
        if not only_one or len(numbers) == len(ids) == 1:
            pairs |= zip(numbers, ids, strict=False)
    return pairs


def _by_key(sites: Mapping[Any, Stored], key: Callable[[Stored], Key]) -> dict[Key, list[Any]]:
    grouped: dict[Key, list[Any]] = {}
    for name, site in sites.items():
        if (one := key(site)) is not None:
            grouped.setdefault(one, []).append(name)
    return grouped


def _ids(state: State, found: Mapping[int, str], number: int) -> list[str]:
    """The id of each site; a new one counts on from the last that the trial ever gave."""
    used = chain(() if state is None else state.sites, *_known(state, ""))
    last = max((int(match[1]) for id_ in used if (match := NUMBERED(id_))), default=0)
    ids = []
    for at in range(number):
        last += at not in found
        ids.append(found.get(at, f"s{last}"))
    return ids


def _whole(site: Stored) -> tuple[str, ...]:
    return (_name(site), *(_part_of_place(site, part) for part in ("city", "region", "postcode", "country")))


def _contacts(site: Stored) -> str:
    """Without the items that contacts have here: those that come in have none yet."""
    contacts = [{name: of for name, of in one.items() if name != ITEM} for one in site.get("contacts", ())]
    return to_json(contacts).decode()


def _on_map(site: Stored) -> tuple[str, ...]:
    return tuple(_part_of_place(site, part) for part in ("latitude", "longitude"))


def _in_city(site: Stored) -> Key:
    return (_name(site), _part_of_place(site, "city"), _part_of_place(site, "country"))


def _by_postcode(site: Stored) -> Key:
    postcode = _part_of_place(site, "postcode")
    return (_name(site), postcode, _part_of_place(site, "country")) if postcode else None


_KEYS: Final[Sequence[tuple[Callable[[Stored], Key], bool]]] = (
    (lambda site: (*_whole(site), *_on_map(site), _contacts(site), site["recruitment"]), False),
    (lambda site: (*_whole(site), *_on_map(site), _contacts(site)), False),
    (lambda site: (*_whole(site), _contacts(site)), False),
    (lambda site: (*_whole(site), site["recruitment"]), False),
    (_whole, False),
    (_in_city, True),
    (_by_postcode, True),
)
"""Values that two sites may have in common, the surest first, and whether only one site of each side may have it."""


def _name(site: Stored) -> str:
    return _plain(site["name"][first(site["name"], "en")])


def _part_of_place(site: Stored, part: str) -> str:
    return _plain(site.get("place", {}).get(part, ""))


def _plain(text: str) -> str:
    return " ".join(nfkc(text).casefold().split())
