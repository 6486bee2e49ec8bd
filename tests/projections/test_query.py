"""What a search may ask for at most."""

from typing import Any

import pytest
from pydantic import ValidationError

from projections.search.query import MOST_TERMS, MOST_VALUES, SearchQuery
from projections.search.terms import terms

MANY = [f"{first}{second}" for first in "bcdfghjk" for second in "aeiou"]


@pytest.mark.parametrize("field", ["q", "condition", "sponsor"])
@pytest.mark.parametrize("form", ["{}", '"{} x"', "{}癌"])
def test_a_search_has_a_budget_of_words(field: str, form: str) -> None:
    words = [form.format(word) for word in MANY][: MOST_TERMS + 1]
    query = {field: " ".join(words[:MOST_TERMS])[:200]} if field != "q" else {field: " ".join(words[:MOST_TERMS])}
    assert SearchQuery.model_validate(query)
    if len(" ".join(words)) <= (500 if field == "q" else 200):
        with pytest.raises(ValidationError, match=f"{MOST_TERMS} different words"):
            SearchQuery.model_validate({field: " ".join(words)})


def test_a_word_that_comes_again_is_one() -> None:
    assert len(terms("肺癌 cancer " * 40)) == 2
    assert SearchQuery(q="a b c " * 80).q


@pytest.mark.parametrize(("field", "value"), [("country", "JP"), ("phase", "2"), ("recruitment", "recruiting")])
def test_a_filter_has_a_budget_of_values(field: str, value: Any) -> None:
    assert SearchQuery.model_validate({field: [value] * MOST_VALUES})
    with pytest.raises(ValidationError, match="at most 30 items"):
        SearchQuery.model_validate({field: [value] * (MOST_VALUES + 1)})
