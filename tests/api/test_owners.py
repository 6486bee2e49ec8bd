"""A trial that was given to another owner, and a site whose details change, as readers see them."""

from registry.domain.permissions import Role
from tests.api.conftest import ORGANISATIONS, Api

GIVE = {"reason": "The sponsor merged into another", "owner": "another-sponsor"}


async def test_who_owned_a_draft_reads_it_no_more_and_gives_no_commands_as_of_no_moment(api: Api) -> None:
    trial = f"/v1/trials/{await api.draft()}"
    drafted = (await api.get(trial, role=Role.SPONSOR)).body
    await api.done(f"{trial}/change-owner", GIVE, role=Role.REGISTRY)
    await api.settled()

    for address in (trial, f"{trial}?as_of={drafted['position']}", f"{trial}/history?as_of={drafted['position']}"):
        assert (await api.get(address, role=Role.SPONSOR)).kind == "trial-unknown"
    then = (await api.get(f"{trial}?as_of={drafted['position']}", role=Role.REGISTRY)).body
    assert then["owner"] == ORGANISATIONS[Role.SPONSOR]
    amend = {"reason": "x", "registration": {"acronym": "X"}}
    assert (await api.post(f"{trial}/amend", amend, role=Role.SPONSOR)).kind == "not-permitted"


async def test_what_a_draft_said_stays_with_the_owner_of_today_after_publication(api: Api) -> None:
    trial = f"/v1/trials/{await api.draft()}"
    await api.done(f"{trial}/publish", {}, role=Role.REGISTRY)
    await api.done(f"{trial}/change-owner", GIVE, role=Role.REGISTRY)
    await api.settled()
    published = (await api.get(f"{trial}/history", role=Role.REGISTRY)).body["events"][1]["position"]

    for address in (f"{trial}/history", f"{trial}/history?as_of={published}"):
        events = (await api.get(address, role=Role.SPONSOR)).body["events"]
        assert "trial.registered.v1" not in {event["type"] for event in events}


async def test_an_amended_site_and_one_that_is_another_are_shown_as_that(api: Api) -> None:
    trial = f"/v1/trials/{await api.published()}"
    kyoto = await api.with_site(trial.rpartition("/")[2])
    await api.with_site(trial.rpartition("/")[2], "uji")
    place = {"city": "Uji", "region": "Kyoto", "country": "JP"}
    await api.done(f"{kyoto}/amend", {"reason": "moved", "amendment": {"place": place}})
    await api.done(f"{trial}/sites/uji/identify", {"reason": "one", "same_as": "kyoto"}, role=Role.REGISTRY)
    await api.settled()
    sites = {site["site"]: site for site in (await api.get(f"{trial}/sites")).body["sites"]}
    page = (await api.get(trial.replace("/v1", "/en"))).raw.decode()

    assert (sites["kyoto"]["place"], sites["uji"]["same_as"]) == (place, "kyoto")
    assert 'id="site-kyoto"' in page
    assert 'id="site-uji"' not in page
    opened = await api.post(f"{trial}/sites/uji/open", {"on": "2026-11-20"}, role=Role.SITE)
    assert [fault["rule"] for fault in opened.body["faults"]] == ["site-same"]
