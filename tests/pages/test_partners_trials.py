"""Pages of what real partners sent: each can be drawn in both languages, and says where it is kept."""

from adapters.ctgov.parse import parse
from adapters.reading import Parsed
from events.schemas.registration import Source
from events.schemas.trial import Home
from events.schemas.values import ContactRole, Person
from registry.domain.decider import Command
from registry.domain.trial.commands import ImportTrial
from registry.intake import stream_of
from registry.received import Received
from tests.pages.conftest import Api, Browser
from tests.support.ctgov import encode, sample_studies, small

EVERY = 12
"""One of so many samples; drawing them all shows no more and takes a minute."""

PLACES = {"locations": [{"facility": "Example Hospital", "country": "Japan", "status": "RECRUITING"}]}


async def taken_in(api: Api, study: Parsed) -> str:
    """The id of the trial that a partner's study becomes."""
    whole = {name: getattr(study, name) for name in ("home", "registration", "status", "sites")}
    received = Received.of(study.home.registry, study.raw, "application/json", study.retrieved)

    def command(source: Source) -> Command:
        return ImportTrial(**whole, source=source)

    stream = stream_of(study.home)
    assert await api.node.receive(stream, received, command) is not None
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
    assert "This trial is registered with ClinicalTrials.gov, and changes there." in page.text
    assert "For the site: report" not in page.text
    assert "Please report there." in (await browser.get("/en/report?trial=NCT01234567")).text
    assert f'href="/en/trials/{trial}"' in (await browser.get("/en/?q=NCT01234567")).source
    form = await browser.get(f"/en/report?trial=NCT01234567&site={study.sites[0].site}")
    assert (form.status, "Please report there." in form.text, 'name="token"' in form.source) == (200, True, False)
