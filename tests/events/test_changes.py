"""Field changes: what differs between two documents makes the one into the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.changes import Document, NoSuchPlace, apply, diff

KEYS = st.text("ab~/é1", max_size=3)
LEAVES = st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
DOCUMENTS = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=3), lambda inner: st.dictionaries(KEYS, LEAVES | inner, max_size=3)
)


@given(DOCUMENTS, DOCUMENTS)
def test_the_changes_from_one_document_to_another_make_it_so(old: Document, new: Document) -> None:
    assert apply(old, [(pointer, after) for pointer, _, after in diff(old, new)]) == new


@given(DOCUMENTS, DOCUMENTS)
def test_each_change_names_what_was_there_before(old: Document, new: Document) -> None:
    back = [(pointer, before) for pointer, before, _ in diff(old, new)]

    assert apply(new, back[::-1]) == old


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(document: Document) -> None:
    assert list(diff(document, document)) == []


def test_only_what_differs_is_named_and_lists_are_whole() -> None:
    old = {"title": {"ja": "試験", "en": "A trial"}, "countries": ["JP"], "phase": "2"}
    new = {"title": {"ja": "試験", "en": "The trial"}, "countries": ["JP", "US"], "sex": "all"}

    assert list(diff(old, new)) == [
        ("/countries", ["JP"], ["JP", "US"]),
        ("/phase", "2", None),
        ("/sex", None, "all"),
        ("/title/en", "A trial", "The trial"),
    ]


def test_a_pointer_escapes_its_two_characters() -> None:
    assert list(diff({}, {"a/b~c": 1})) == [("/a~1b~0c", None, 1)]
    assert apply({}, [("/a~1b~0c", 1)]) == {"a/b~c": 1}


def test_putting_makes_parents_and_leaves_the_given_document_alone() -> None:
    document = {"a": {"b": 1}}

    assert apply(document, [("/a/c/d", 2)]) == {"a": {"b": 1, "c": {"d": 2}}}
    assert apply(document, [("/a/b", None)]) == {"a": {}}
    assert document == {"a": {"b": 1}}


def test_a_value_put_by_one_change_is_not_altered_by_the_next() -> None:
    value = {"d": 1}

    assert apply({"a": {"b": 1}}, [("/a/b", 2), ("/a", value), ("/a/d", 3), ("/a/e", 4)]) == {"a": {"d": 3, "e": 4}}
    assert value == {"d": 1}


def test_what_no_change_touches_is_shared() -> None:
    document = {"a": {"b": 1}, "c": {"d": 1}}
    after = apply(document, [("/a/b", 2)])

    assert after["c"] is document["c"]


def test_a_sealed_value_changes_as_a_whole() -> None:
    old = {"contact": {"person": {"person": "p-1", "sealed": "1.AA"}, "role": "public"}}
    new = {"contact": {"person": {"person": "p-1", "sealed": "1.BB"}, "role": "public"}}

    assert list(diff(old, new)) == [("/contact/person", old["contact"]["person"], new["contact"]["person"])]
    assert list(diff(old, {"contact": {"role": "public"}})) == [("/contact/person", old["contact"]["person"], None)]


A, B, C = ({"item": item, "is": {"en": item.upper()}} for item in "abc")


def test_members_of_lists_are_named_by_their_items() -> None:
    old, new = {"of": [A, B]}, {"of": [{**A, "is": {"en": "X"}}, C]}

    assert list(diff(old, new)) == [("/of/a/is/en", "A", "X"), ("/of/b", B, None), ("/of/c", None, C)]
    assert list(diff({"of": [A, B]}, {"of": [B, A]})) == [("/of/@order", ["a", "b"], ["b", "a"])]
    assert list(diff({"of": [A]}, {"of": []})) == [("/of", [A], [])]


def test_a_list_whose_members_nearly_all_differ_is_told_in_fewer_bytes_as_a_whole() -> None:
    old = [{"item": f"o{number}", "is": "a", "of": "b"} for number in range(200)]
    new = [{**one, "is": "c", "of": "d"} for one in old]

    assert list(diff({"list": old}, {"list": new})) == [("/list", old, new)]
    assert len(list(diff({"list": old}, {"list": new[:50] + old[50:]}))) == 100


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/of/0/is/en", "X"),
        ("/of/0", None),
        ("/of/d", None),
        ("/of/d/is", {"en": "X"}),
        ("/of/d", {"item": "e"}),
        ("/of/d", "text"),
        ("/of/@order", ["a"]),
        ("/of/@order", ["a", "a"]),
        ("/plain/0", "X"),
        ("/plain/0/en", "X"),
        ("/text/en", "X"),
        ("/sealed/person", "p-2"),
    ],
)
def test_a_pointer_that_names_no_member_of_a_list_is_an_error(pointer: str, value: Any) -> None:
    document = {"of": [A, B], "plain": ["x"], "text": "x", "sealed": {"person": "p-1", "sealed": "1.AA"}}

    with pytest.raises(NoSuchPlace):
        apply(document, [(pointer, value)])


def test_members_are_put_changed_moved_and_removed() -> None:
    document = {"of": [A, B], "none": []}
    after = apply(
        document, [("/of/c", C), ("/of/a", None), ("/of/b/is/en", "X"), ("/of/@order", ["c", "b"]), ("/none/a", A)]
    )

    assert after == {"of": [C, {"item": "b", "is": {"en": "X"}}], "none": [A]}
    assert document == {"of": [A, B], "none": []}
