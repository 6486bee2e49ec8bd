"""The filters of a search besides its words, as conditions on documents."""

from collections.abc import Iterator, Sequence
from datetime import date

from tantivy import Query

from events.schemas.eligibility import Sex
from events.schemas.status import RecruitmentStatus
from events.schemas.values import first_day, last_day
from projections.search import shape
from projections.search.facets import HOLDS_UNTIL, trait
from projections.search.prefectures import place_of
from projections.search.queries import NOTHING, Fields, all_of, any_of, none_of
from projections.search.query import SearchQuery
from projections.search.shape import AGE_UNITS, number_of, yes_or_no


def visible(fields: Fields, query: SearchQuery) -> list[Query]:
    """Conditions for documents that the asker may see."""
    if query.everything:
        return []
    return [fields.one_of("seen_by", [shape.ANYBODY, *([shape.owned_by(query.owner)] if query.owner else [])])]


def joinable(fields: Fields, day: date) -> Query:
    """Trials that recruit on the day."""
    return fields.after(HOLDS_UNTIL[RecruitmentStatus.RECRUITING], number_of(day))


def filters(fields: Fields, query: SearchQuery, day: date) -> Iterator[Query]:
    """A condition for each filter that has a value."""
    if query.recruitment:
        yield recruitment(fields, query.recruitment, day)
    for name, values in (
        ("authorisation", query.authorisation),
        ("phase", query.phase),
        ("study_type", query.study_type),
        ("aim", query.aim),
        ("country", query.country),
        ("sex", _sexes(query.sex)),
        ("home", [query.home] if query.home else ()),
        ("own", [] if query.own is None else [yes_or_no(query.own)]),
    ):
        if values:
            yield fields.one_of(name, map(str, values))
    yield from _days(fields, query)
    yield from _traits(fields, query)
    if query.age is not None:
        yield all_of(
            [
                fields.between("age_from", None, (query.age + 1) * AGE_UNITS - 1),
                fields.after("age_to", query.age * AGE_UNITS),
            ]
        )
    if query.recruiting_sites is not None:
        open_ = fields.after("sites_until", number_of(day))
        yield open_ if query.recruiting_sites else none_of([open_])


def recruitment(fields: Fields, statuses: Sequence[RecruitmentStatus], day: date) -> Query:
    """Trials whose recruitment, as it can be relied on, is one of these on the day."""
    found, before = [], list[Query]()
    for status, name in HOLDS_UNTIL.items():
        lasting = fields.after(name, number_of(day))
        if status in statuses:
            found.append(all_of([lasting, none_of(before)]))
        before.append(lasting)
    stated = fields.one_of("recruitment", map(str, statuses))
    return any_of([*found, all_of([stated, none_of(before)])])


def _sexes(sex: Sex | None) -> Sequence[str]:
    if sex is None:
        return ()
    return [sex.value] if sex is Sex.ALL else [sex.value, Sex.ALL.value, "unknown"]


def _days(fields: Fields, query: SearchQuery) -> Iterator[Query]:
    early, late = query.first_enrolment_from, query.first_enrolment_to
    low = number_of(first_day(early)) if early else None
    high = number_of(last_day(late)) if late else None
    if low is not None and high is not None and low > high:
        yield NOTHING
    if low is not None:
        yield fields.between("enrolment_to", low, None)
    if high is not None:
        yield fields.between("enrolment_from", None, high)
    if query.registered_from:
        yield fields.between("registered", number_of(first_day(query.registered_from)), None)
    if query.registered_to:
        yield fields.between("registered", None, number_of(last_day(query.registered_to)))
    if query.confirmed_from:
        yield fields.between("confirmed", number_of(first_day(query.confirmed_from)), None)


def _traits(fields: Fields, query: SearchQuery) -> Iterator[Query]:
    if query.prefecture:
        place = place_of(query.prefecture)
        yield NOTHING if place is None else fields.term("trait", trait("prefecture", str(place)))
    for kind, value in (
        ("regime", query.legal_regime),
        ("city", query.city),
        ("sponsor", query.sponsor_kind),
        ("programme", query.programme),
        ("region", query.region),
    ):
        if value:
            yield fields.term("trait", trait(kind, value))
