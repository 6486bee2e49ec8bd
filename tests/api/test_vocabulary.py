"""The vocabulary over HTTP: whole, page after page, and by a part of a term."""

import csv
import io

import pytest

from projections.search.vocabulary.table import COLUMNS, text, vocabulary
from registry.api.vocabulary_answers import VocabularyAnswer
from tests.api.conftest import Api


async def test_the_pages_together_are_the_table(api: Api) -> None:
    rows, path, pages = [], "/v1/vocabulary?limit=300", 0
    while path:
        answer = await api.get(path)
        read = VocabularyAnswer.model_validate(answer.body)
        assert read.version == vocabulary().version
        for group in read.groups:
            rows += [{**dict.fromkeys(COLUMNS, ""), "group": group.group, **_filled(term)} for term in group.terms]
        path, pages = answer.body.get("next"), pages + 1

    assert pages == 3
    assert rows == list(csv.DictReader(io.StringIO(text())))


def _filled(term: object) -> dict[str, str]:
    values = term.model_dump(exclude_none=True)  # type: ignore[attr-defined]
    return {name: "yes" if value is True else str(value) for name, value in values.items()}


async def test_groups_are_found_by_a_part_of_a_term_by_code_and_by_topic(api: Api) -> None:
    async def found(query: str) -> list[str]:
        return [group["group"] for group in (await api.get(f"/v1/vocabulary?{query}")).body["groups"]]

    assert "disease/breast-cancer" in await found("q=乳がん")
    assert await found("q=D001943") == ["disease/breast-cancer"]
    assert await found("q=Opdivo&topic=drug") == ["drug/nivolumab"]
    assert await found("q=Opdivo&topic=place") == []
    assert await found("q=no-such-term") == []


@pytest.mark.parametrize(
    "query", ["topic=planet", "limit=0", "limit=1001", "after=no-such-group", "q=" + "a" * 201, "x=1"]
)
async def test_what_can_t_be_read_is_refused_by_name(api: Api, query: str) -> None:
    answer = await api.get(f"/v1/vocabulary?{query}")

    assert answer.status == 400
    assert answer.body["faults"][0]["field"] == query.partition("=")[0]
