"""When a partner's trial last changed and was last confirmed at its home, and only then when that came here."""

from typing import Any, Final, TypeAlias

from events.schemas.values import last_day

Stored: TypeAlias = dict[str, Any]

RECEIVED: Final = "received"


def at_home(document: Stored) -> Stored | None:
    """What is known of a trial's age at its home; None for one that is registered here.

    {changed, verified: partial dates, received: a time}. Where only others' renderings of the home's record came,
    `copied` and `copied_by` say of which day and whose the newest is, in place of `changed`. What nobody states is
    left out.
    """
    if "home" not in document:
        return None
    sources = list(document["sources"].values())
    own = [one for one in sources if one["registry"] == document["home"]["registry"]]
    told = own or sources
    dated = max((one for one in told if "retrieved" in one), key=lambda one: last_day(one["retrieved"]), default=None)
    verified = document["status"].get("verified")
    return {
        **(_dated(dated, own=bool(own)) if dated else {}),
        **({"verified": verified} if verified else {}),
        RECEIVED: max(one["recorded"] for one in told),
    }


def _dated(source: Stored, *, own: bool) -> Stored:
    if own:
        return {"changed": source["retrieved"]}
    return {"copied": source["retrieved"], "copied_by": source["registry"]}
