"""Results of the invented trials: summaries in words. TRDS item 23."""

from datetime import date

from events.schemas.registration import Results
from registry.demo.outline import Outline
from registry.demo.registrations import filled
from registry.demo.world import Words, World


def results(outline: Outline, world: World, posted: date) -> Results:
    """The summary of results, posted on that day."""
    texts, draw = world.wording.results, outline.draw
    finished = outline.enrolled * draw.number("finished", 85, 99) // 100
    women = {"all": draw.number("women", 28, 64), "female": 100, "male": 0}[outline.who.sex]
    numbers = {
        "enrolled": outline.enrolled,
        "finished": finished,
        "left": outline.enrolled - finished,
        "serious": outline.enrolled * draw.number("serious", 1, 14) // 100,
        "age": outline.who.age + draw.number("age", -3, 3),
        "women": women,
    }
    found = draw.pick("finding", texts.findings)
    compared = Words(texts.summary.ja.replace("{finding}", found.ja), texts.summary.en.replace("{finding}", found.en))
    words_of = {
        "summary": texts.summary_alone if outline.comparator is None else compared,
        "baseline": texts.baseline,
        "participant_flow": texts.participant_flow,
        "adverse_events": texts.adverse_events,
    }
    stated = {name: filled(words, outline, world, **numbers) for name, words in words_of.items()}
    return Results.model_validate({"posted": posted.isoformat(), **stated})
