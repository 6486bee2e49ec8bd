"""A trial's way through the API: registered, published, opened at a site, found, changed, and looked back upon."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4, uuid5

from events.schemas.access import Role
from events.schemas.zones import JAPAN
from registry.api.answers import Receipt, SearchAnswer, SitesAnswer, TrialAnswer
from registry.api.history_answers import HistoryAnswer
from registry.exchange.placing import NAMESPACE
from tests.api.conftest import Api
from tests.support.trials import PERSON, registration


async def test_a_site_that_opens_is_found_a_moment_later(api: Api) -> None:
    trial = await api.draft()
    published = await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    site = await api.with_site(trial)
    opened = await api.done(f"{site}/open", {"on": "2026-11-20"}, role=Role.SITE)

    found = await api.get("/v1/trials?q=肺癌&country=JP", Registry_Wait_For=opened["position"])
    [one] = SearchAnswer.model_validate(found.body).trials
    assert (found.body["total"], one.trial, one.number, one.recruiting_sites) == (1, trial, published["number"], 1)

    board = SitesAnswer.model_validate((await api.get(f"/v1/trials/{trial}/sites")).body)
    assert [(site.site, site.recruitment, site.changed.on) for site in board.sites if site.changed] == [
        ("kyoto", "recruiting", "2026-11-20")
    ]


async def test_the_record_is_read_by_id_and_by_number_with_its_contacts_in_clear(api: Api) -> None:
    trial = await api.draft()
    published = await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)

    by_id = await api.get(f"/v1/trials/{trial}?wait_for={published['position']}")
    by_number = await api.get(f"/v1/trials/{published['number'].lower()}")

    assert by_id.raw == by_number.raw
    record = TrialAnswer.model_validate(by_id.body)
    assert (record.number, record.version, record.position) == (published["number"], 2, published["position"])
    person = by_id.body["registration"]["contacts"][0]["person"]
    assert {name: person[name] for name in PERSON} == PERSON


async def test_a_command_may_name_its_trial_by_number(api: Api) -> None:
    trial = await api.draft()
    published = await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    await api.get(f"/v1/trials/{trial}", Registry_Wait_For=published["position"])

    answer = await api.post(f"/v1/trials/{published['number']}/change-recruitment", {"to": "recruiting", "on": "2026"})

    assert (answer.status, answer.body["trial"]) == (201, trial)


async def test_a_repeated_command_gets_the_same_bytes_and_is_recorded_once(api: Api) -> None:
    key, body = uuid4(), {"registration": registration()}
    first = await api.post("/v1/trials", body, key=key)
    again = await api.post("/v1/trials", body, key=key)

    assert first.status == again.status == 201
    assert first.raw == again.raw
    assert [first.headers[name] for name in ("ETag", "Location", "Registry-Position")] == [
        again.headers[name] for name in ("ETag", "Location", "Registry-Position")
    ]
    assert first.headers["Location"] == f"/v1/trials/{key}"
    Receipt.model_validate(first.body)
    history = await api.get(f"/v1/trials/{key}/history?wait_for={first.body['position']}", role=Role.SPONSOR)
    assert len(history.body["events"]) == 1


async def test_a_repeated_publication_gets_the_number_of_the_first(api: Api) -> None:
    trial, key = await api.draft(), uuid4()
    first = await api.post(f"/v1/trials/{trial}/publish", b"", role=Role.REGISTRY, key=key)
    again = await api.post(f"/v1/trials/{trial}/publish", b"{}", role=Role.REGISTRY, key=key)

    assert (first.status, first.raw) == (201, again.raw)
    assert first.body["number"]


async def test_a_key_tells_what_became_of_its_command(api: Api) -> None:
    key = uuid4()
    posted = await api.post("/v1/trials", {"registration": registration()}, key=key)

    assert (await api.get(f"/v1/commands/{key}", role=Role.SPONSOR)).raw == posted.raw
    for role, other in ((None, key), (Role.PARTNER, key), (Role.SPONSOR, uuid4()), (Role.SPONSOR, "no-key")):
        unknown = await api.get(f"/v1/commands/{other}", role=role)
        assert (unknown.status, unknown.kind) == (404, "command-unknown")
        assert "same key" in unknown.body["detail"]
        assert sum(unknown.body["read_to"].values()) > 0


async def test_if_match_refuses_what_was_decided_on_an_older_version(api: Api) -> None:
    trial = await api.published()
    where, body = f"/v1/trials/{trial}/change-recruitment", {"to": "recruiting", "on": "2026-11-01"}

    for stale in ('"1"', 'W/"2"', '"1", "3"', '"abc"', '"2-erased"'):
        refused = await api.post(where, body, If_Match=stale)
        assert (refused.status, refused.kind, refused.headers["ETag"]) == (412, "version-conflict", '"2"'), stale

    accepted = await api.post(where, body, If_Match='"1", "2"')
    assert (accepted.status, accepted.headers["ETag"]) == (201, '"3"')
    assert (await api.post(where, {**body, "to": "paused"}, If_Match="*")).status == 201


async def test_a_repeat_is_answered_as_the_first_time_although_its_if_match_is_old_now(api: Api) -> None:
    trial, key = await api.published(), uuid4()
    where, body = f"/v1/trials/{trial}/change-recruitment", {"to": "recruiting", "on": "2026-11-01"}
    first = await api.post(where, body, key=key, If_Match='"2"')
    again = await api.post(where, body, key=key, If_Match='"2"')

    assert (first.status, again.raw) == (201, first.raw)


async def test_an_unchanged_record_is_not_sent_again(api: Api) -> None:
    trial = await api.published()
    at = (await api.done(f"/v1/trials/{trial}/change-recruitment", {"to": "recruiting", "on": "2026"}))["position"]
    read = await api.get(f"/v1/trials/{trial}?wait_for={at}", Accept_Encoding="identity")

    assert read.headers["ETag"] == '"3"'
    for known in ('"3"', 'W/"3"', '"1", "3"', "*"):
        same = await api.get(f"/v1/trials/{trial}", If_None_Match=known, Accept_Encoding="identity")
        assert (same.status, same.raw, same.headers["ETag"]) == (304, b"", '"3"'), known
    assert (await api.get(f"/v1/trials/{trial}", If_None_Match='"2"')).status == 200


async def test_the_registry_is_asked_what_it_said_at_a_time_and_at_a_position(api: Api) -> None:
    trial = await api.published()
    before = await api.done(f"/v1/trials/{trial}/change-recruitment", {"to": "recruiting", "on": "2026-11-01"})
    was = (await api.get(f"/v1/trials/{trial}?wait_for={before['position']}")).body
    after = await api.done(f"/v1/trials/{trial}/amend", {"reason": "new title", "registration": {"acronym": "HARU"}})
    now = (await api.get(f"/v1/trials/{trial}?wait_for={after['position']}")).body

    assert now["registration"]["acronym"] == "HARU"
    for moment in (before["position"], before["recorded"]):
        assert (await api.get(f"/v1/trials/{trial}?as_of={moment}")).body == was
        history = HistoryAnswer.model_validate((await api.get(f"/v1/trials/{trial}/history?as_of={moment}")).body)
        assert [event.version for event in history.events] == [2, 3]
        assert (await api.get(f"/v1/trials?q=HARU&as_of={moment}")).body["total"] == 0
    assert (await api.get("/v1/trials?q=HARU")).body["total"] == 1
    assert (await api.get(f"/v1/trials/{trial}?as_of=2001-01-01")).kind == "trial-unknown"
    assert (await api.get(f"/v1/trials/{trial}/sites?as_of={before['position']}")).body["version"] == 3


async def test_an_end_recorded_on_the_wrong_trial_is_undone_and_the_past_still_says_it(api: Api) -> None:
    trial = await api.published()
    site = await api.with_site(trial)
    await api.done(f"{site}/open", {"on": "2026-11-02"}, role=Role.SITE)
    at = f"/v1/trials/{trial}"
    before = (
        await api.get(f"{at}?wait_for={(await api.done(f'{site}/pause', {'on': '2026-11-03'}))['position']}")
    ).body
    end = await api.done(f"{at}/discontinue", {"on": "2026-11-04", "why": {"en": "Futility"}})
    ended = (await api.get(f"{at}?wait_for={end['position']}")).body
    undo = {"reason": "It was another trial", "corrects": end["version"], "void": True}
    assert (await api.post(f"{at}/correct-event", undo, role=Role.SITE)).status == 403
    undone = await api.done(f"{at}/correct-event", undo, role=Role.REGISTRY)
    now = (await api.get(f"{at}?wait_for={undone['position']}")).body

    assert now["status"] == before["status"] != ended["status"]
    assert [one["sites"]["kyoto"]["recruitment"] for one in (ended, now)] == ["closed", "paused"]
    assert (await api.get(f"{at}?as_of={end['position']}")).body == ended
    await api.done(f"{site}/open", {"on": "2026-11-04"}, role=Role.SITE)


async def test_the_history_says_which_fields_changed_and_why_page_by_page(api: Api) -> None:
    trial = await api.published()
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "増員のため", "registration": {"planned_size": 300}})
    last = await api.done(f"/v1/trials/{trial}/amend", {"reason": "named", "registration": {"acronym": "A"}})
    events: list[dict[str, Any]] = []
    page = (await api.get(f"/v1/trials/{trial}/history?limit=1&wait_for={last['position']}", role=Role.SPONSOR)).body
    while True:
        HistoryAnswer.model_validate(page)
        events += page["events"]
        if "next" not in page:
            break
        page = (await api.get(page["next"], role=Role.SPONSOR)).body

    assert [event["version"] for event in events] == [1, 2, 3, 4]
    assert events[2]["changes"] == [{"field": "/registration/planned_size", "old": 120, "new": 300}]
    assert (events[2]["reason"], events[2]["organisation"]) == ("増員のため", "kyoto-sponsor")
    assert events[0]["data"]["registration"]["contacts"][0]["person"]["name"] == PERSON["name"]
    assert not any("actor" in event for event in events)


async def test_only_registry_and_regulator_read_who_exactly_acted(api: Api) -> None:
    trial = await api.published()
    await api.settled()

    for role in (Role.REGISTRY, Role.REGULATOR):
        history = await api.get(f"/v1/trials/{trial}/history", role=role)
        actors = [event.actor for event in HistoryAnswer.model_validate(history.body).events]
        assert [actor and actor.organisation for actor in actors] == ["kyoto-sponsor", "registry-office"]


async def test_the_search_is_read_page_by_page(api: Api) -> None:
    trials = {await api.published() for _ in range(3)}
    await api.done(f"/v1/trials/{min(trials)}/change-recruitment", {"to": "recruiting", "on": "2026"})
    await api.settled()
    page = (await api.get("/v1/trials?limit=2")).body
    rest = (await api.get(page["next"])).body

    assert {one["trial"] for one in page["trials"] + rest["trials"]} == trials
    assert "next" not in rest
    several = await api.get("/v1/trials?recruitment=recruiting&recruitment=paused")
    assert [one["trial"] for one in several.body["trials"]] == [min(trials)]


async def test_a_draft_is_there_for_its_owner_the_registry_and_regulators_alone(api: Api) -> None:
    trial = await api.draft()
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "still secret", "registration": {"acronym": "SECRET"}})
    at = (await api.done(f"/v1/trials/{trial}/amend", {"reason": "open", "registration": {"acronym": "OPEN"}}))[
        "position"
    ]

    async def seen(role: Role | None) -> list[Any]:
        reads = (f"/v1/trials/{trial}", f"/v1/trials/{trial}/sites", f"/v1/trials/{trial}/history")
        statuses = [(await api.get(f"{read}?wait_for={at}", role=role)).status for read in reads]
        return [*statuses, (await api.get("/v1/trials", role=role)).body["total"]]

    for role in (Role.SPONSOR, Role.REGISTRY, Role.REGULATOR):
        assert await seen(role) == [200, 200, 200, 1]
    for role in (None, Role.PUBLIC, Role.SITE, Role.PARTNER):
        assert await seen(role) == [404, 404, 404, 0]

    published = await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    public = await api.get(f"/v1/trials/{trial}/history?wait_for={published['position']}")
    assert [event["type"] for event in public.body["events"]] == ["trial.published.v1"]
    assert b"SECRET" not in public.raw
    assert b"SECRET" in (await api.get(f"/v1/trials/{trial}/history", role=Role.SPONSOR)).raw
    assert (await api.get(f"/v1/trials/{trial}?as_of={at}")).status == 404


async def test_json_answers_are_canonical(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    raw = (await api.get(f"/v1/trials/{trial}")).raw

    assert raw == json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


async def test_what_is_not_known_yet_is_refused_and_today_means_until_now(api: Api) -> None:
    trial = await api.published()
    today = datetime.now(JAPAN).date()
    later = await api.get(f"/v1/trials/{trial}?as_of={today + timedelta(days=1)}")
    now = await api.get(f"/v1/trials/{trial}?as_of={today}")

    assert (later.status, later.kind) == (400, "bad-parameter")
    assert (now.status, now.body) == (200, (await api.get(f"/v1/trials/{trial}")).body)


async def test_only_random_keys_are_taken_because_partners_trials_have_names_of_their_own(api: Api) -> None:
    answer = await api.post("/v1/trials", {"registration": {}}, key=uuid5(NAMESPACE, "ctgov:NCT01234567"))

    assert (answer.status, answer.kind) == (400, "key-missing")
