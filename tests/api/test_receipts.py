"""A receipt belongs to the sender of the command; of a key the public learns no more than the public history says."""

from uuid import uuid4

from events.schemas.access import Role
from projections.trial.document import stream_of
from registry.office import tokens
from tests.api.conftest import Api
from tests.support.trials import registration


async def receipt(api: Api, key: object, role: Role | None) -> tuple[int, str | None]:
    answer = await api.get(f"/v1/commands/{key}", role=role)
    return answer.status, answer.body.get("trial")


async def test_two_organisations_that_chose_one_key_get_their_own_receipts(api: Api) -> None:
    _, api.tokens[Role.PARTNER] = await tokens.issue(api.node, Role.SPONSOR, "another-sponsor")
    theirs = (await api.done("/v1/trials", {"registration": registration()}, role=Role.PARTNER))["trial"]
    mine, key = await api.draft(), uuid4()
    for role, trial in ((Role.PARTNER, theirs), (Role.SPONSOR, mine)):
        body = {"reason": "r", "registration": {"acronym": "ONE"}}
        assert (await api.post(f"/v1/trials/{trial}/amend", body, role=role, key=key)).status == 201

    assert await receipt(api, key, Role.SPONSOR) == (200, mine)
    assert await receipt(api, key, Role.PARTNER) == (200, theirs)
    assert await receipt(api, key, Role.REGISTRY) == (200, theirs)
    for stranger in (None, Role.PUBLIC, Role.SITE):
        assert (await receipt(api, key, stranger))[0] == 404


async def test_the_public_reads_no_receipt_from_before_publication(api: Api) -> None:
    trial = await api.draft()
    before, after = uuid4(), uuid4()
    body = {"reason": "r", "registration": {"acronym": "ONE"}}
    assert (await api.post(f"/v1/trials/{trial}/amend", body, key=before)).status == 201
    await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    assert (await api.post(f"/v1/trials/{trial}/complete", {"on": "2026"}, key=uuid4())).status in (201, 422)
    changed = {"reason": "r", "registration": {"acronym": "TWO"}}
    assert (await api.post(f"/v1/trials/{trial}/amend", changed, key=after)).status == 201

    for key, status in ((trial, 404), (before, 404), (after, 200)):
        assert (await receipt(api, key, None))[0] == status
        assert (await receipt(api, key, Role.SITE))[0] == status
        assert (await receipt(api, key, Role.SPONSOR))[0] == 200
        assert (await receipt(api, key, Role.REGULATOR))[0] == 200


async def test_a_site_finds_the_receipt_of_its_own_report_on_a_draft(api: Api) -> None:
    trial = await api.draft()
    site = await api.with_site(trial)
    key = uuid4()
    sent = await api.post(f"{site}/leave", {"on": "2026-11-01"}, role=Role.SITE, key=key)

    assert sent.status == 201, sent.raw
    assert (await api.get(f"/v1/commands/{key}", role=Role.SITE)).raw == sent.raw
    assert (await receipt(api, key, None))[0] == 404


async def test_an_organisation_called_public_gives_the_public_nothing(api: Api) -> None:
    _, api.tokens[Role.PARTNER] = await tokens.issue(api.node, Role.SPONSOR, "public")
    theirs = (await api.done("/v1/trials", {"registration": registration()}, role=Role.PARTNER))["trial"]

    assert (await receipt(api, theirs, None))[0] == 404
    assert (await receipt(api, theirs, Role.PARTNER))[0] == 200


async def test_a_clock_that_ran_ahead_shows_the_public_nothing_of_a_draft(api: Api) -> None:
    trial = await api.draft()
    body = {"reason": "kept among us", "registration": {"acronym": "ONE"}}
    secret = (await api.done(f"/v1/trials/{trial}/amend", body))["key"]
    await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    await api.settled()
    # All events at one time, as where a new leader of the partition has a clock that is behind.
    async with api.node.views._pools.reads.connection() as connection:
        same = "update history set recorded = (select max(recorded) from history where stream = %s) where stream = %s"
        await connection.execute(same, (stream_of(trial), stream_of(trial)))
    history = await api.get(f"/v1/trials/{trial}/history")

    assert [event["type"] for event in history.body["events"]] == ["trial.published.v1"]
    assert (await receipt(api, secret, None))[0] == 404


async def test_the_public_reads_no_time_from_before_publication(api: Api) -> None:
    trial = await api.draft()
    site = await api.with_site(trial)
    await api.done(f"{site}/leave", {"on": "2026-11-01"}, role=Role.SITE)
    receipt = await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    at = {"Registry_Wait_For": receipt["position"]}

    public = (await api.get(f"/v1/trials/{trial}", **at)).body
    office = (await api.get(f"/v1/trials/{trial}", role=Role.REGISTRY, **at)).body
    board = (await api.get(f"/v1/trials/{trial}/sites", **at)).body

    published = receipt["recorded"]
    assert public["published_recorded"] == published
    assert public["first_recorded"] == published > office["first_recorded"]
    assert public["sites"]["kyoto"]["changed"] == {"on": "2026-11-01", "recorded": published}
    assert board["sites"][0]["changed"]["recorded"] == published > office["sites"]["kyoto"]["changed"]["recorded"]


async def test_times_after_publication_are_as_they_were_recorded(api: Api) -> None:
    trial = await api.published()
    site = await api.with_site(trial)
    receipt = await api.done(f"{site}/open", {"on": "2026-11-01"}, role=Role.SITE)

    public = (await api.get(f"/v1/trials/{trial}", Registry_Wait_For=receipt["position"])).body

    assert public["sites"]["kyoto"]["changed"]["recorded"] == receipt["recorded"]
