"""The traps of formats section 0 in WHO's web export, each by its number; 6 is of another format."""

import pytest

from adapters.ictrp.parse import parse
from adapters.reading import Refused
from events.schemas.parties import Contact, ContactRole, Person
from events.schemas.values import Text
from tests.support.ictrp import export_file, exported, stored_export

FLAG = "Retrospective_flag (follows from the dates of registration and first enrolment; `Yes` is prospective here, "


@pytest.mark.parametrize("flag", ["Yes", "No", "1", "0"])
def test_trap_1_the_flag_of_late_registration_is_never_a_fact_whatever_it_says(flag: str) -> None:
    dates = {"Date_registration3": "20200315", "Date_enrollement": "2020-03-01"}
    with_flag, without = exported("ChiCTR2000029953", Retrospective_flag=flag, **dates), exported(
        "ChiCTR2000029953", **dates
    )  # fmt: skip

    assert (with_flag.registration, with_flag.home) == (without.registration, without.home)
    assert [path for path in with_flag.not_carried if path.startswith(FLAG)]
    assert with_flag.home.registered == "2020-03-15"
    assert with_flag.registration.first_enrolment is not None
    assert with_flag.registration.first_enrolment.date == "2020-03-01"


def test_trap_1_the_flags_later_name_is_no_fact_either() -> None:
    assert exported(Prospective_registration="Yes").carried == exported().carried


@pytest.mark.parametrize("mark", ["NULL", "NA", "-", "??", ";"])
def test_trap_2_what_stands_for_a_missing_value_is_none(mark: str) -> None:
    one = exported(Acronym=mark, Inclusion_agemax=mark, Condition=mark)

    assert one.registration.to_stored() == {}
    assert sum(one.not_carried.values()) == 3
    assert all("stands for a missing value" in path for path in one.not_carried)


@pytest.mark.parametrize("sentinel", ["1900-01-01", "01/01/1900", "19000101", "Jan  1 1900 12:00AM"])
def test_trap_2_the_first_of_january_1900_is_no_date(sentinel: str) -> None:
    one = exported(
        Date_enrollement=sentinel,
        Date_registration3=sentinel,
        results_date_completed=sentinel,
        Last_Refreshed_on=sentinel,
    )

    assert one.registration.to_stored() == {}
    assert (one.home.registered, one.retrieved) == (None, None)
    assert all("1900-01-01 stands for a missing date" in path for path in one.not_carried)


def test_trap_2_a_text_loses_its_blanks_breaks_and_second_escape() -> None:
    one = exported(
        Scientific_title="Zinc &amp; colds" + " " * 1984, Inclusion_Criteria="age &lt; 15<br>fever_x000D_\nno zinc"
    )

    assert one.registration.scientific_title == Text(en="Zinc & colds")
    assert one.registration.eligibility is not None
    assert one.registration.eligibility.inclusion == Text(en="age < 15\nfever\nno zinc")


def test_trap_2_parallel_lists_of_one_length_are_as_many_contacts() -> None:
    one = exported(
        Contact_Firstname="Ada;", Contact_Lastname="Example;Grace Example", Contact_Email="a@example.org;g@example.org"
    )

    assert one.registration.contacts == (
        Contact(role=ContactRole.PUBLIC, person=Person(given="Ada", family="Example", email="a@example.org")),
        Contact(role=ContactRole.PUBLIC, person=Person(name=Text(en="Grace Example"), email="g@example.org")),
    )


def test_trap_2_parallel_lists_of_other_lengths_stay_whole() -> None:
    one = exported(Contact_Lastname="A. Example;B. Example", Contact_Affiliation="One;Two;Three")

    assert one.registration.contacts == (
        Contact(
            role=ContactRole.PUBLIC,
            affiliation=Text(en="One;Two;Three"),
            person=Person(name=Text(en="A. Example;B. Example")),
        ),
    )


@pytest.mark.parametrize(
    ("number", "written", "date"),
    [
        ("NCT90000001", "April 2020", "2020-04"),
        ("NCT90000001", "February 14, 2020", "2020-02-14"),
        ("ChiCTR2000029953", "2020-02-01", "2020-02-01"),
        ("CTRI/2020/04/024775", "21-04-2020", "2020-04-21"),
        ("JPRN-UMIN000040407", "9/5/2019", "2019-05-09"),
        ("JPRN-jRCTs031190226", "2019/10/20", "2019-10-20"),
    ],
)
def test_trap_3_each_registers_dates_are_read_as_it_writes_them(number: str, written: str, date: str) -> None:
    assert stored_export(number, Date_enrollement=written)["first_enrolment"] == {"date": date}


def test_trap_3_the_uniform_date_of_registration_goes_first() -> None:
    both = exported(Date_registration="03/04/2020", Date_registration3="20200403")

    assert both.home.registered == "2020-04-03"
    assert both.not_carried == {"Date_registration (Date_registration3 says it)": 1}
    assert exported(Date_registration="03/04/2020").home.registered == "2020-04-03"
    assert exported(Date_registration="03/04/2020", Date_registration3="19000101").home.registered == "2020-04-03"


def test_the_number_of_a_registry_that_has_one_is_neither_planned_nor_enrolled() -> None:
    assert stored_export("NCT90000001", Target_size="534")["unspecified_size"] == 534
    assert stored_export("ChiCTR2000099901", Target_size="534")["planned_size"] == 534


def test_results_that_were_taken_back_are_posted_on_no_day() -> None:
    assert stored_export(results_date_posted="2020-02-02", results_yes_no="Yes")["results"] == {"posted": "2020-02-02"}
    assert "results" not in stored_export(results_date_posted="2020-02-02", results_yes_no="No")


@pytest.mark.parametrize("damaged", ["44228", "2020-03-02", "2020-02-01 00:00:00"])
def test_trap_4_a_phase_that_excel_made_a_date_of_is_no_phase(damaged: str) -> None:
    one = exported(Phase=damaged)

    assert one.registration.phase is None
    assert one.not_carried == {"Phase (no phase)": 1}


@pytest.mark.parametrize(
    ("written", "registry", "number"),
    [
        ("JPRN-UMIN000040407", "umin-ctr", "UMIN000040407"),
        ("EUCTR2007-002319-16-FR", "euctr", "EUCTR2007-002319-16"),
        ("EUCTR2007-002319-16-Outside-EU/EEA", "euctr", "EUCTR2007-002319-16"),
        ("NCT90000001", "ctgov", "NCT90000001"),
    ],
)
def test_trap_5_a_number_is_stripped_of_prefix_and_country_and_kept_as_written(
    written: str, registry: str, number: str
) -> None:
    one = exported(written, web_address=f"https://example.org/trial?number={number}")

    assert (one.home.registry, one.home.number, one.record) == (registry, number, written)
    assert one.home.url == f"https://example.org/trial?number={number}"
    assert one.sender == "who-ictrp"


@pytest.mark.parametrize("number", ["jRCTs031190226", "jRCT2080224823", "jRCTc031190101"])
def test_trap_7_a_jrct_number_keeps_its_letter(number: str) -> None:
    one = exported(f"JPRN-{number}")

    assert (one.home.registry, one.home.number) == ("jrct", number)


@pytest.mark.parametrize(
    ("word", "authorisation", "recruitment"),
    [
        ("Active, not recruiting", "published", "closed"),
        ("Completed", "ended", "completed"),
        ("Terminated", "discontinued", "closed"),
    ],
)
def test_trap_8_clinicaltrials_gov_s_prose_tells_both_axes(word: str, authorisation: str, recruitment: str) -> None:
    status = exported(Recruitment_Status=word).status

    assert (status.authorisation, status.recruitment) == (authorisation, recruitment)


@pytest.mark.parametrize("word", ["Not Recruiting", "Not recruiting", "Not Available", "Ongoing", "Authorised"])
def test_trap_9_a_word_that_does_not_tell_of_recruitment_leaves_it_unknown_and_counts_as_not_carried(word: str) -> None:
    one = exported("ISRCTN83571366", Recruitment_Status=word)

    assert (one.status.authorisation, one.status.recruitment) == ("published", "unknown")
    assert [path.split(" ")[0] for path in one.not_carried] == ["Recruitment_Status"]


def test_trap_10_a_refusal_tells_no_personal_data() -> None:
    file = export_file(
        {"Contact_Email": "ada@example.org", "Contact_Lastname": "Ada Example", "Public_title": "A title"}
    )
    (one,) = parse([file], "file")
    assert isinstance(one, Refused)

    assert (one.place, one.reason) == ("file, record 1", "no number: TrialID")
