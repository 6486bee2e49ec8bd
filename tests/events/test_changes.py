"""Field changes: what differs between two documents makes the one into the other."""

from hypothesis import given
from hypothesis import strategies as st

from events.changes import Document, apply, diff

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
    given = {"a": {"b": 1}}

    assert apply(given, [("/a/c/d", 2)]) == {"a": {"b": 1, "c": {"d": 2}}}
    assert apply(given, [("/a/b", None)]) == {"a": {}}
    assert given == {"a": {"b": 1}}


def test_a_value_put_by_one_change_is_not_altered_by_the_next() -> None:
    said = {"d": 1}

    assert apply({"a": {"b": 1}}, [("/a/b", 2), ("/a", said), ("/a/d", 3), ("/a/e", 4)]) == {"a": {"d": 3, "e": 4}}
    assert said == {"d": 1}


def test_what_no_change_touches_is_shared() -> None:
    given = {"a": {"b": 1}, "c": {"d": 1}}
    after = apply(given, [("/a/b", 2)])

    assert after["c"] is given["c"]


def test_a_sealed_value_changes_as_a_whole() -> None:
    old = {"contact": {"person": {"person": "p-1", "sealed": "1.AA"}, "role": "public"}}
    new = {"contact": {"person": {"person": "p-1", "sealed": "1.BB"}, "role": "public"}}

    assert list(diff(old, new)) == [("/contact/person", old["contact"]["person"], new["contact"]["person"])]
    assert list(diff(old, {"contact": {"role": "public"}})) == [("/contact/person", old["contact"]["person"], None)]
