"""When a partner's trial last changed and was last confirmed at its home, and only then when that came here."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from events.schemas.values import last_day

Stored: TypeAlias = dict[str, Any]

RECEIVED: Final = "received"


def sources_of_home(document: Mapping[str, Any]) -> list[Stored]:
    """The home registry's own sources; where there are none, those that give a copy of its record."""
    sources = list(document.get("sources", {}).values())
    home = document.get("home", {}).get("registry")
    return [one for one in sources if home is not None and one["registry"] == home] or sources


def at_home(document: Stored) -> Stored | None:
    """The known age of a trial's record at its home; None for a trial that is registered here.

    {changed, verified: partial dates, received: a time}. If only others' renderings of the home's record came, `copied`
    and `copied_by` have the day and the sender of the newest, in place of `changed`. Values that nobody states are left
    out.
    """
    if "home" not in document:
        return None
    sources = sources_of_home(document)
    dated = max(
        (one for one in sources if "retrieved" in one), key=lambda one: last_day(one["retrieved"]), default=None
    )
    verified = document["status"].get("verified")
    return {
        **(_dated(dated, document["home"]["registry"]) if dated else {}),
        **({"verified": verified} if verified else {}),
        RECEIVED: max(one["recorded"] for one in sources),
    }


def _dated(source: Stored, home: str) -> Stored:
    if source["registry"] == home:
        return {"changed": source["retrieved"]}
    return {"copied": source["retrieved"], "copied_by": source["registry"]}
