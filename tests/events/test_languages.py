"""Texts by language: any BCP 47 tag, at least one, none of them blank."""

from typing import Any

import pytest
from pydantic import ValidationError

from events.schemas.fields import TEXTS
from events.schemas.languages import first, in_order, is_tag
from events.schemas.values import Text


@pytest.mark.parametrize(
    "tag", ["ja", "en", "de", "fil", "zh-Hant", "zh-Hant-TW", "pt-BR", "es-419", "de-1996", "sl-rozaj"]
)
def test_a_language_tag_is_one(tag: str) -> None:
    text = Text.model_validate({tag: "A text"})

    assert is_tag(tag)
    assert text.to_stored() == text.by_language() == {tag: "A text"}
    assert Text.from_stored(text.to_stored()) == text


@pytest.mark.parametrize(
    "tag", ["", "JA", "j", "english", "pt-br", "zh-hant", "en_GB", "en-", "ja\n", "x-own", "日本語", "en-a-b"]
)
def test_anything_else_is_no_language(tag: str) -> None:
    assert not is_tag(tag)
    with pytest.raises(ValidationError):
        Text.model_validate({"en": "A text", tag: "A text"})


@pytest.mark.parametrize(
    "text", [{}, {"ja": " "}, {"en": "\n"}, {"en": "A text", "fr": "\u3000"}, {"ja": None}, {"fr": None}]
)
def test_a_text_says_something_in_each_of_its_languages(text: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Text.model_validate(text)


def test_a_text_has_so_many_languages_at_most() -> None:
    tags = [f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh"]
    Text.model_validate(dict.fromkeys(tags[:60], "A text"))

    with pytest.raises(ValidationError, match="60 languages"):
        Text.model_validate(dict.fromkeys(tags[:61], "A text"))


def test_japanese_and_english_come_first() -> None:
    text = {"fr": "c", "en": "b", "de": "d", "ja": "a"}

    assert in_order(text) == ["ja", "en", "de", "fr"]
    assert (first(text, "en", "ja"), first({"fr": "c", "de": "d"}, "en", "ja")) == ("en", "de")


def test_the_fields_that_hold_texts_are_found_in_the_payloads() -> None:
    assert {"public_title", "why", "name", "condition_keywords", "measure", "address"} <= TEXTS
    assert not {"url", "place", "acronym", "design", "contacts"} & TEXTS
