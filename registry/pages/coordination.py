"""Gates, halts and milestones in words: the obstacles between a site and people who would join."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from projections.trial.document import Document
from registry.pages.shown import Passage
from registry.pages.words import Words

UNTOLD: Final = frozenset({"opened", "ends", "corrected"})
"""Fields from which the answers follow; a reader of the history sees them in the events themselves."""
KEYED: Final = frozenset({"gates", "halts", "milestones"})
"""Fields whose members are named by keys for machines."""
DAYS: Final = ("planned", "actual")
_HALT: Final = frozenset({"actor", "scope", "decided"})
_STEP: Final = frozenset({"milestone"})
_GATE: Final = frozenset({"programme", "version"})


def sentence_of(words: Words, value: Mapping[str, Any]) -> Passage | None:
    """A halt, a milestone or a gate in one sentence; None for any other value."""
    names = value.keys()
    if names >= _HALT:
        return Passage(halt_sentence(words, value))
    if names >= _STEP:
        return Passage(step_sentence(words, value))
    return Passage(gate_sentence(words, value)) if names >= _GATE else None


def halt_sentence(words: Words, halt: Mapping[str, Any]) -> str:
    """The kind of a halt, its actor, its first day, and its scope."""
    sentence = words.say(
        "coordination.halt",
        kind=words.say(f"vocabulary.{halt['kind']}"),
        by=words.say(f"halt_actor.{halt['actor']}"),
        since=words.date(halt.get("in_force", halt["decided"])["date"]),
        scope=words.say(f"halt_scope.{halt['scope']}"),
    )
    if "lifted" not in halt:
        return sentence
    return words.say("coordination.halt_lifted", halt=sentence, on=words.date(halt["lifted"]["on"]))


def step_sentence(words: Words, step: Mapping[str, Any]) -> str:
    """A milestone with its days, as far as they are known."""
    days = [words.say(f"coordination.step_{name}", on=words.date(step[name])) for name in DAYS if name in step]
    fills = {"milestone": milestone_name(words, step), "days": words.say("value.separator").join(days)}
    if "protocol_version" in step:
        return words.say("coordination.step_version", version=step["protocol_version"], **fills)
    return words.say("coordination.step", **fills)


def milestone_name(words: Words, step: Mapping[str, Any]) -> str:
    """A milestone's name; one that we do not define keeps its source's name."""
    written = step.get("written", "") if step["milestone"] == "other" else ""
    return written or words.say(f"milestone.{step['milestone']}")


def gate_sentence(words: Words, gate: Mapping[str, Any]) -> str:
    """The state of the programme, or of a region of it, in one sentence."""
    if "removed" in gate:
        return words.say("coordination.gate_removed")
    return words.say("value.separator").join(_parts(words, gate))


def _parts(words: Words, gate: Mapping[str, Any]) -> Iterator[str]:
    if "state" in gate:
        yield words.say(f"region_state.{gate['state']}")
    elif "region" in gate:
        yield words.say("joining.region_not_permitted", since="", by="")
    elif gate.get("ended"):
        yield words.say("joining.programme_ended")
    if gate.get("publication") == "awaited":
        yield words.say("joining.filing_not_published")
    yield from (halt_sentence(words, halt) for halt in gate.get("halts", ()))


def gate_name(words: Words, region: str | None) -> str:
    """The scope of a gate: a country, with its regime if it has several, or the whole programme."""
    if region is None:
        return words.say("coordination.gate_programme")
    country, _, regime = region.partition("-")
    return words.country(country) + (f" ({regime})" if regime else "")


def gates_shown(words: Words, document: Document) -> tuple[tuple[str, str], ...]:
    """The gates that have something to show, each by its name."""
    gates = [gate for _, gate in sorted(document.get("gates", {}).items()) if "removed" not in gate]
    named = ((gate_name(words, gate.get("region")), gate_sentence(words, gate)) for gate in gates)
    return tuple((name, sentence) for name, sentence in named if sentence)


def standing_halts(site: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The halts of a site itself that are in force."""
    return (halt for halt in site.get("halts", {}).values() if "lifted" not in halt)


def key_told(words: Words, keys: tuple[str, ...], document: Document) -> str:
    """The name of a member of a keyed field; `keys` is its path in the document."""
    *_, within, key = keys
    match within:
        case "gates":
            return gate_name(words, key.partition(":")[2] or None)
        case "milestones":
            step = document["sites"].get(keys[1], {}).get(within, {}).get(key)
            return milestone_name(words, step) if step else key
        case _:
            return ""


def milestone_of(words: Words, data: Mapping[str, Any]) -> str:
    """The milestone that an event states; empty for any other event."""
    return step_sentence(words, data) if "milestone" in data else ""


def gate_of(words: Words, data: Mapping[str, Any]) -> str:
    """The gate that an event sets or removes; empty for any other event."""
    gate = data.get("gate", data)
    return gate_name(words, gate.get("region")) if "programme" in gate else ""
