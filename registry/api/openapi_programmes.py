"""The reads of programmes in the OpenAPI document."""

from collections.abc import Callable, Iterator
from typing import Any

from registry.api import programme_answers as answers
from registry.api.openapi_parameters import READ, ref

Read = Callable[[str, str, Any, list[dict[str, str]]], dict[str, Any]]


def reads(read: Read) -> Iterator[tuple[str, dict[str, Any]]]:
    """By path, the operation of each. `read` describes one by its id, its summary, its answer and its parameters."""
    one, listed = ref("Programme"), ["ProgrammesText", "ProgrammesRegion", "AfterProgramme", "ProgrammesLimit"]
    found = [*map(ref, listed), ref("WaitFor"), ref("WaitForQuery")]
    yield "/v1/programmes", read("listProgrammes", "Find programmes", answers.ProgrammesAnswer, found)
    at = "/v1/programmes/{programme}"
    yield at, read("readProgramme", "Read a programme", answers.ProgrammeAnswer, [one, *READ])
    after = [one, ref("AfterRegion"), *READ]
    yield f"{at}/board", read("readBoard", "Read a programme's board", answers.BoardAnswer, after)
    counted = [one, ref("AfterItems"), *READ]
    yield f"{at}/questions", read("listQuestions", "List open questions", answers.QuestionsAnswer, counted)
    dated = [one, ref("On"), ref("AfterItems"), *READ]
    yield f"{at}/versions", read("readVersions", "Read which versions were in force", answers.VersionsAnswer, dated)
    yield f"{at}/turns", read("listTurns", "List what waits for you", answers.TurnsAnswer, counted)
    pages = [ref("After"), ref("HistoryLimit"), *READ]
    history = answers.ProgrammeHistoryAnswer
    yield f"{at}/history", read("readProgrammeHistory", "Read what happened in a programme", history, [one, *pages])
    code = [one, ref("RegionCode")]
    yield f"{at}/regions/{{code}}", read("readRegion", "Read a region", answers.ProgrammeRegionAnswer, [*code, *READ])
    region_history = read("readRegionHistory", "Read what happened in a region", history, [*code, *pages])
    yield f"{at}/regions/{{code}}/history", region_history
