"""Pages of records of real partners: each can be drawn in both languages, and names its home registry."""

from adapters.catalogue import SOURCES
from adapters.ctgov.parse import parse
from adapters.ictrp.parse import parse as parse_ictrp
from adapters.reading import Parsed
from events.schemas.parties import ContactRole, Person
from events.schemas.registration import Source
from events.schemas.trial import Home
from registry.domain.decider import Command
from registry.domain.trial.commands import ImportTrial
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of
from registry.exchange.placing import stream_of
from registry.exchange.received import Received
from registry.pages.words import Language, words_in
from tests.pages.conftest import Api, Browser
from tests.registry.test_intake import each
from tests.support.ctgov import encode, sample_studies, small
from tests.support.receiving import receive

EVERY = 12
"""One of so many samples; drawing them all shows no more and takes a minute."""

PLACES = {"locations": [{"facility": "Example Hospital", "country": "Japan", "status": "RECRUITING"}]}
ROWS = b"""<Trials_downloaded_from_ICTRP>
<Trial><TrialID>EUCTR2015-001234-17-AT</TrialID><Last_Refreshed_on>5 January 2026</Last_Refreshed_on>
<Recruitment_Status>Completed</Recruitment_Status></Trial>
<Trial><TrialID>EUCTR2015-001234-17-3rd</TrialID><Last_Refreshed_on>5 January 2026</Last_Refreshed_on>
<Recruitment_Status>Recruiting</Recruitment_Status></Trial>
</Trials_downloaded_from_ICTRP>"""
"""A trial of the EU register in two countries' rows."""


async def taken_in(api: Api, study: Parsed) -> str:
    """The id of the trial that a partner's study becomes."""
    whole = {name: getattr(study, name) for name in ("home", "registration", "status", "sites")}
    record = None if study.record == study.home.number else study.record
    received = Received.of(study.sender, study.raw, "application/json", study.retrieved, record)

    def command(source: Source) -> Command:
        return ImportTrial(**whole, source=source)

    stream = stream_of(study.home)
    assert await receive(api.node, stream, received, command) is not None
    return stream.removeprefix("trial/")


async def test_real_studies_have_a_page_in_both_languages_with_the_address_of_who_answers_the_public(
    browser: Browser,
) -> None:
    [*studies] = [
        read for read in parse([encode(sample_studies()[::EVERY])], "samples") if isinstance(read, Parsed)
    ]  # fmt: skip
    trials = {await taken_in(browser.api, study): study for study in studies}
    await browser.api.settled()

    assert len(trials) > 20
    shown: set[str] = set()
    for trial, study in trials.items():
        for path in (f"/trials/{trial}", f"/en/trials/{trial}", f"/trials/{trial}/timeline"):
            page = await browser.get(path)
            assert page.status == 200, (study.home.number, path)
            assert study.home.number in page.text
            public, others = set(), set()
            for contact in study.registration.contacts or ():
                if isinstance(contact.person, Person) and contact.person.email:
                    (public if contact.role is ContactRole.PUBLIC else others).add(contact.person.email)
            assert not [address for address in others - public if address in page.source]
            assert path.endswith("timeline") or not [one for one in public if one not in page.text]
            shown |= public
    assert shown, "samples have contacts for the public"


async def test_a_partner_s_trial_is_reported_on_at_its_home(browser: Browser) -> None:
    [study] = parse([encode([small("NCT01234567", contactsLocationsModule=PLACES)])], "study")
    assert isinstance(study, Parsed)
    assert study.home == Home(registry="ctgov", number="NCT01234567", url=study.home.url)
    trial = await taken_in(browser.api, study)
    await browser.api.settled()

    page = await browser.get(f"/en/trials/{trial}")
    assert "This trial is registered with ClinicalTrials.gov. Changes are made there." in page.text
    assert "For the site: report" not in page.text
    assert "Please report there." in (await browser.get("/en/report?trial=NCT01234567")).text
    assert f'href="/en/trials/{trial}"' in (await browser.get("/en/?q=NCT01234567")).source
    form = await browser.get(f"/en/report?trial=NCT01234567&site={study.sites[0].site}")
    assert (form.status, "Please report there." in form.text, 'name="token"' in form.source) == (200, True, False)


async def test_the_page_says_when_the_home_changed_and_confirmed_a_trial_and_then_when_it_came(
    browser: Browser,
) -> None:
    status = {
        "statusVerifiedDate": "2022-04",
        "overallStatus": "RECRUITING",
        "lastUpdatePostDateStruct": {"date": "2023-06-15", "type": "ACTUAL"},
    }
    [study] = parse([encode([small("NCT01234568", statusModule=status)])], "study")
    assert isinstance(study, Parsed)
    trial = await taken_in(browser.api, study)
    await browser.api.settled()

    record = (await browser.api.get(f"/v1/trials/{trial}")).body
    english, japanese = [(await browser.get(f"{path}/trials/{trial}")).text for path in ("/en", "")]
    received = words_in(Language.ENGLISH).moment(record["last_recorded"])
    dates = "Last changed at ClinicalTrials.gov: 15 June 2023 · Last confirmed there: April 2022"
    assert f"{dates} · Received here: {received} · Version 1" in english
    assert (
        "ClinicalTrials.gov での最終更新 2023年6月15日 · 登録元での最終確認 2022年4月 · 本サイトでの受領 " in japanese
    )
    age = {"changed": "2023-06-15", "verified": "2022-04", "received": record["last_recorded"]}
    [found] = (await browser.api.get("/v1/trials?q=NCT01234568")).body["trials"]
    assert record["at_home"] == found["at_home"] == age
    listed = (await browser.get("/en/?q=NCT01234568")).text
    assert "Last changed at ClinicalTrials.gov: 15 June 2023 Last confirmed there: April 2022" in listed
    assert received not in listed


async def test_a_copy_says_whose_it_is_and_of_which_day_and_each_country_what_holds_there(browser: Browser) -> None:
    read = parse_ictrp([ROWS], "rows")
    [trial, _] = [await taken_in(browser.api, row) for row in read if isinstance(row, Parsed)]
    await browser.api.settled()

    english, japanese = [(await browser.get(f"{path}/trials/{trial}")).text for path in ("/en", "")]
    assert "Data of WHO ICTRP as of 5 January 2026 · Received here: " in english
    assert "Austria Closed Countries outside the EU and EEA Recruiting" in english
    assert "EU・EEA域外の国 募集中" in japanese
    record = (await browser.api.get(f"/v1/trials/{trial}")).body
    regions = {region: status["recruitment"] for region, status in record["regions"].items()}
    assert regions == {"3rd": "recruiting", "AT": "closed"}
    timeline = (await browser.get(f"/en/trials/{trial}/timeline")).text
    assert "By country › Countries outside the EU and EEA" in timeline


async def test_a_trial_that_is_another_leads_to_that_and_is_no_second_one_in_the_search(browser: Browser) -> None:
    numbers = ("NCT80000031", "NCT80000032")
    old, now = map(small, numbers)
    now["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT80000031"]
    api = browser.api
    intake = Intake(api.node, adopt=False, owner="registry", import_id=api.node.new_id())
    for study in (old, now):
        await intake.take_all(each(records_of(SOURCES["ctgov"], [encode(study)], "file")), lambda _: None)
    await api.settled()
    first, second = (stream_of(Home(registry="ctgov", number=number)).removeprefix("trial/") for number in numbers)

    moved = await api.session.get(f"/en/trials/{first}", allow_redirects=False)
    assert (moved.status, moved.headers["Location"]) == (302, f"/en/trials/{second}")
    assert (await api.get(f"/v1/trials/{first}")).body["same_as"] == second
    assert (await api.get("/v1/trials/NCT80000031")).body["trial"] == second
    for query in ("q=NCT80000031", "home=ctgov"):
        found = (await api.get(f"/v1/trials?{query}")).body["trials"]
        assert [one["trial"] for one in found] == [second]
    timeline = await browser.get(f"/en/trials/{first}/timeline")
    assert "ClinicalTrials.gov changed its statement about which trial this record describes" in timeline.text
