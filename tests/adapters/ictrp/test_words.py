"""Texts, dates, ages, words and names as the registries write them (formats 3.4), and their meanings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ictrp import ages, dates, places, texts, words
from events.schemas.eligibility import Age, AgeUnit, Sex
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus as A
from events.schemas.status import RecruitmentStatus as R
from events.schemas.values import Text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A title" + " " * 1900, "A title"),
        ("one<br>two<br />three", "one\ntwo\nthree"),
        ("\n<br>        Inclusion:\n<br>\n<br>          -  Adults\n<br>      ", "Inclusion:\n\n  -  Adults"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one_x000D_\ntwo_x000D_three", "one\ntwo\nthree"),
        ("age &lt; 15 &amp; &#39;well&#39;&#32;", "age < 15 & 'well'"),
        ("&lt;br&gt;one", "one"),
        ("A&B; R&D;", "A&B; R&D;"),
        ("a &amp;lt; b", "a &lt; b"),
        ("tab\tstays", "tab\tstays"),
    ],
)  # fmt: skip
def test_what_whos_tables_did_to_a_text_is_undone_once(written: str, read: str) -> None:
    assert texts.mended(written) == read


@given(st.text())
def test_cleaning_a_text_twice_is_cleaning_it_once(text: str) -> None:
    assert texts.clean(texts.clean(text)) == texts.clean(text)


@pytest.mark.parametrize(
    ("joined", "parts"),
    [
        ("COVID-19;Novel Coronavirus Pneumonia", ["COVID-19", "Novel Coronavirus Pneumonia"]),
        ("a;b;", ["a", "b"]),
        ("alone", ["alone"]),
        ("Virus; Pneumonia", ["Virus; Pneumonia"]),
        ("a;b; c", ["a;b; c"]),
        ("a;;b", ["a;;b"]),
        (";a", [";a"]),
    ],
)
def test_a_list_is_parted_only_where_no_semicolon_may_be_the_authors(joined: str, parts: list[str]) -> None:
    assert texts.parts(joined) == parts


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("風邪に対する亜鉛の試験", Text(ja="風邪に対する亜鉛の試験")),
        ("Zinc for colds (かぜ)", Text(en="Zinc for colds (かぜ)")),
        ("新型冠状病毒肺炎", Text(en="新型冠状病毒肺炎")),
    ],
)
def test_a_text_is_japanese_where_kana_says_so(written: str, text: Text) -> None:
    assert texts.worded(written) == text


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("17/05/2016", "2016-05-17"),
        ("9/5/2019", "2019-05-09"),
        ("21-10-2013", "2013-10-21"),
        ("2016-10-20", "2016-10-20"),
        ("2019/05/07", "2019-05-07"),
        ("20200217", "2020-02-17"),
        ("2016-08-05T00:00:00Z", "2016-08-05"),
        ("17 February 2020", "2020-02-17"),
        ("February 14, 2020", "2020-02-14"),
        ("Aug. 06, 2019", "2019-08-06"),
        ("April 2020", "2020-04"),
        ("2020-04", "2020-04"),
        ("2020", "2020"),
        ("Jan  1 1900 12:00AM", "1900-01-01"),
        ("05/13/2020", None),
        ("31/02/2020", None),
        ("Smarch 2020", None),
        ("soon", None),
        ("44228", None),
    ],
)
def test_a_date_keeps_its_precision_and_its_day_stands_first_in_figures(written: str, date: str | None) -> None:
    assert dates.partial(written) == date


def years(value: int, *, inclusive: bool = True) -> Age:
    return Age(value=value, unit=AgeUnit.YEARS, inclusive=inclusive)


@pytest.mark.parametrize(
    ("written", "side", "registry", "limit"),
    [
        ("18 Years", "minimum", "ctgov", years(18)),
        ("1 Year", "minimum", "ctgov", years(1)),
        ("6 Months", "minimum", "ctgov", Age(value=6, unit=AgeUnit.MONTHS)),
        ("N/A", "maximum", "ctgov", "unlimited"),
        ("18", "minimum", "chictr", years(18)),
        ("18", "minimum", "drks", None),
        ("no maximum age", "maximum", "drks", "unlimited"),
        ("no limit", "maximum", "irct", "unlimited"),
        ("18(Year)", "minimum", "cris", years(18)),
        ("No Limit", "maximum", "cris", "unlimited"),
        ("19 Year(s)", "minimum", "pactr", years(19)),
        ("18Y", "minimum", "rebec", years(18)),
        ("3M", "minimum", "rebec", Age(value=3, unit=AgeUnit.MONTHS)),
        ("0", "minimum", "rebec", years(0)),
        ("0", "maximum", "rebec", "unlimited"),
        ("0Y", "maximum", "rebec", "unlimited"),
        ("0Y", "maximum", "Example Registry", years(0)),
        ("0 N/A (No limit)", "maximum", "tctr", "unlimited"),
        ("20years-old", "minimum", "umin-ctr", years(20)),
        (">= 20age old", "minimum", "jrct", years(20)),
        ("> 18age old", "minimum", "jrct", years(18, inclusive=False)),
        ("≥ 18 years", "minimum", "Example Registry", years(18)),
        ("≧ 18 years", "minimum", "Example Registry", years(18)),
        ("< 75age old", "maximum", "jrct", years(75, inclusive=False)),
        ("≤ 75 years", "maximum", "Example Registry", years(75)),
        ("≦ 75 years", "maximum", "Example Registry", years(75)),
        ("> 18age old", "maximum", "jrct", None),
        ("<= 80age old", "maximum", "jrct", years(80)),
        ("Not applicable", "maximum", "jrct", "unlimited"),
        ("< 75age old", "minimum", "jrct", None),
        ("30Min", "minimum", "Example Registry", Age(value=30, unit=AgeUnit.MINUTES)),
        ("??", "maximum", "chictr", None),
        ("adults", "minimum", "isrctn", None),
    ],
)
def test_an_age_has_a_value_a_unit_and_whether_it_is_included(
    written: str, side: ages.Side, registry: str, limit: Age | str | None
) -> None:
    assert ages.limit(written, side, registry) == limit


@pytest.mark.parametrize(
    ("written", "registry", "phase"),
    [
        ("Phase 2/Phase 3", "ctgov", Phase.PHASE_2_3),
        ("Phase 2/ Phase 3", "cris", Phase.PHASE_2_3),
        ("Phase 2 / Phase 3", "tctr", Phase.PHASE_2_3),
        ("Phase II/III", "isrctn", Phase.PHASE_2_3),
        ("2-3", "jrct", Phase.PHASE_2_3),
        ("Phase-3", "pactr", Phase.PHASE_3),
        ("Phase3", "ctri", Phase.PHASE_3),
        ("III", "drks", Phase.PHASE_3),
        ("IIIb", "drks", Phase.PHASE_3),
        ("Phase IV", "umin-ctr", Phase.PHASE_4),
        ("Early Phase 1", "ctgov", Phase.EARLY_1),
        ("0", "rebec", Phase.EARLY_1),
        ("0", "chictr", None),
        ("0 (Phase 0 study)", "chictr", None),
        ("III (Phase III study)", "chictr", Phase.PHASE_3),
        ("II-III (Phase II-III study)", "chictr", Phase.PHASE_2_3),
        ("IV (Phase 4 study)", "chictr", Phase.PHASE_4),
        ("III (Phase II study)", "chictr", None),
        ("III (confirmatory)", "chictr", None),
        ("Phase III study", "isrctn", Phase.PHASE_3),
        ("N/A", "ctgov", Phase.NOT_APPLICABLE),
        ("Not applicable", "umin-ctr", Phase.NOT_APPLICABLE),
        ("Not selected", "umin-ctr", Phase.NOT_SPECIFIED),
        ("Post Marketing Surveillance", "ctri", Phase.POST_MARKETING),
        ("Retrospective study", "chictr", None),
        ("New Treatment Measure Clinical Study", "chictr", None),
        ("1-3", "rebec", None),
        ("44228", "jrct", None),
        ("2020-03-02", "jrct", None),
        ("2020-02-01 00:00:00", "jrct", None),
    ],
)
def test_a_phase_is_a_phase_and_nothing_else_is(written: str, registry: str, phase: Phase | None) -> None:
    assert words.phase(written, registry) is phase


@pytest.mark.parametrize(
    ("answers", "phase"),
    [
        (("yes", "no", "no", "no"), Phase.PHASE_1),
        (("no", "yes", "yes", "no"), Phase.PHASE_2_3),
        (("no", "no", "no", "yes"), Phase.PHASE_4),
        (("no", "no", "no", "no"), None),
        (("yes", "no", "no", "yes"), None),
    ],
)
def test_the_four_answers_of_the_eu_register_are_one_phase(answers: tuple[str, ...], phase: Phase | None) -> None:
    names = ("Human pharmacology (Phase I)", "Therapeutic exploratory (Phase II)",
             "Therapeutic confirmatory - (Phase III)", "Therapeutic use (Phase IV)")  # fmt: skip
    text = "\n".join(f"{name}: {answer}" for name, answer in zip(names, answers, strict=True))

    assert words.phase(text, "euctr") is phase


@pytest.mark.parametrize(
    ("word", "registry", "axes"),
    [
        ("Recruiting", "chictr", (A.PUBLISHED, R.RECRUITING)),
        ("Not Recruiting", "chictr", words.UNTOLD),
        ("Not recruiting", "ctgov", words.UNTOLD),
        ("Not Recruiting", "jrct", words.UNTOLD),
        ("Not Available", "isrctn", words.UNTOLD),
        ("Authorised", "euctr", words.UNTOLD),
        ("Authorised-recruitment may be ongoing or finished", "euctr", words.UNTOLD),
        ("Ongoing", "isrctn", words.UNTOLD),
        ("Other", "Example Registry", words.UNTOLD),
        ("Active, not recruiting", "ctgov", (A.PUBLISHED, R.CLOSED)),
        ("Enrolling by invitation", "ctgov", (A.PUBLISHED, R.BY_INVITATION)),
        ("Completed", "ctgov", (A.ENDED, R.COMPLETED)),
        ("Completed", "anzctr", (A.ENDED, R.COMPLETED)),
        ("Completed", "isrctn", (A.PUBLISHED, R.CLOSED)),
        ("Complete", "jrct", (A.PUBLISHED, R.CLOSED)),
        ("complete", "japic-cti", (A.PUBLISHED, R.CLOSED)),
        ("Complete: follow-up complete", "umin-ctr", (A.PUBLISHED, R.CLOSED)),
        ("Complete: follow-up continuing", "umin-ctr", (A.PUBLISHED, R.CLOSED)),
        ("Suspended", "jrct", (A.PUBLISHED, R.PAUSED)),
        ("Pending", "umin-ctr", (A.PUBLISHED, R.NOT_YET)),
        ("Pending (Not yet recruiting)", "tctr", (A.PUBLISHED, R.NOT_YET)),
        ("not yet recruiting", "rebec", (A.PUBLISHED, R.NOT_YET)),
        ("Open to Recruitment", "ctri", (A.PUBLISHED, R.RECRUITING)),
        ("Closed to Recruitment of Participants", "ctri", (A.PUBLISHED, R.CLOSED)),
        ("recruitment completed", "rebec", (A.PUBLISHED, R.CLOSED)),
        ("data analysis completed", "rebec", (A.ENDED, R.COMPLETED)),
        ("terminated", "rebec", (A.DISCONTINUED, R.CLOSED)),
        ("Terminated", "umin-ctr", (A.DISCONTINUED, R.CLOSED)),
        ("Withdrawn", "ctgov", (A.WITHDRAWN, R.CLOSED)),
        ("Withdrawn", "anzctr", (A.WITHDRAWN, R.CLOSED)),
        ("withdrawn", "rebec", (A.WITHDRAWN, R.CLOSED)),
        ("Under evaluation", "ctis", (A.UNDER_REVIEW, R.NOT_YET)),
        ("Authorised, recruiting", "ctis", (A.PUBLISHED, R.RECRUITING)),
        ("Temporarily halted", "ctis", (A.PUBLISHED, R.PAUSED)),
        ("Suspended", "ctis", (A.SUSPENDED_BY_AUTHORITY, R.PAUSED)),
        ("Expired", "ctis", (A.EXPIRED, R.CLOSED)),
        ("Revoked", "ctis", (A.REVOKED, R.CLOSED)),
        ("Not authorised", "ctis", (A.OPINION_UNFAVOURABLE, R.CLOSED)),
        ("Cancelled", "ctis", (A.WITHDRAWN, R.CLOSED)),
        ("Ended", "ctis", (A.ENDED, R.COMPLETED)),
        ("Suspended by CA", "euctr", (A.SUSPENDED_BY_AUTHORITY, R.PAUSED)),
        ("Prohibited by CA", "euctr", (A.REVOKED, R.CLOSED)),
        ("Not Authorised", "euctr", (A.OPINION_UNFAVOURABLE, R.CLOSED)),
        ("Expired", "drks", words.UNTOLD),
        ("a word of tomorrow", "chictr", words.UNTOLD),
    ],
)
def test_a_status_word_tells_of_the_axis_it_speaks_of(word: str, registry: str, axes: words.Axes) -> None:
    assert words.status(word, registry) == axes


@pytest.mark.parametrize(
    ("word", "sex"),
    [
        *[(word, Sex.ALL) for word in ("All", "Both", "BOTH", "Male and Female", "Both, male and female",
                                       "Both males and females", "Male/Female", "-", "Female: yes\nMale: yes")],
        ("F", Sex.FEMALE), ("Female: yes\nMale: no", Sex.FEMALE), ("Male", Sex.MALE), ("M", Sex.MALE), ("?", None),
    ],
)  # fmt: skip
def test_a_sex_has_many_words(word: str, sex: Sex | None) -> None:
    assert words.SEX.get(texts.plain(word)) is sex


def test_a_study_type_is_never_a_purpose_as_well() -> None:
    assert words.STUDY_TYPE.keys() & words.PURPOSE.keys() == set()
    assert set(words.STUDY_TYPE.values()) == set(StudyType)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100", 100),
        ("0", 0),
        ("Experimental group:30;Control group:30;", 60),
        ("Target condition:300;Difficult condition:0", 300),
        ("400 (200 in each arm)", 400),
        ("Patients with COVID-19 VS Healthy controls; Severe group VS Mild group:600;", None),
        ("about 100", None),
        ("12.5", None),
        ("a:999999999;b:1;", 1_000_000_000),
        ("a:999999999;b:2;", None),
        ("1000000001", None),
        ("a:1;" * 61 + "Severe group:3", None),
    ],
)
def test_a_size_is_a_number_or_the_sum_of_groups_that_each_have_one(text: str, size: int | None) -> None:
    assert words.size(text) == size


@pytest.mark.parametrize(
    ("text", "registry", "codes"),
    [
        ("Japan", "jrct", ["JP"]),
        ("United States;Argentina;Korea, Republic of", "ctgov", ["US", "AR", "KR"]),
        ("USA;EUROPE;ASIA;Japan", "jrct", ["US", None, None, "JP"]),
        ("Japan,Asia(except Japan),North America", "umin-ctr", ["JP", None, None]),
        ("None (Japan only)", "jrct", ["JP"]),
        ("none other than japan", "jrct", ["JP"]),
        ("Wuhan", "chictr", [None]),
        ("Korea", "ctgov", [None]),
        ("XX", "Example Registry", ["XX"]),
        ("", "chictr", []),
    ],
)
def test_countries_are_parted_as_their_register_writes_them(text: str, registry: str, codes: list[str | None]) -> None:
    assert [places.country(name) for name in places.names(text, registry)] == codes
