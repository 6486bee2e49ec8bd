"""The page on a running node, with a client that asks as a browser does."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from events.schemas.access import Role
from tests.api.conftest import Api, api
from tests.support.trials import PERSON, registration

__all__ = ["Api", "api"]

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
SECRETS = (*PERSON["name"].values(), PERSON["email"], PERSON["telephone"])


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a browser received it."""

    status: int
    headers: Any
    source: str

    @property
    def text(self) -> str:
        """The source without tags, as a reader sees it."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.source)).split())

    def field(self, name: str) -> str:
        """The value of a form's field."""
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', self.source)
        assert found, name
        return html.unescape(found[1])


@dataclass
class Browser:
    """Asks for pages as nobody in particular."""

    api: Api

    async def get(self, path: str, **headers: str) -> Page:
        return await self._ask("GET", path, headers)

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        return await self._ask("POST", path, headers, data=dict(fields))

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], **options: Any) -> Page:
        sent = {"Accept": HTML} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.api.session.request(method, path, headers=sent, **options) as answer:
            return Page(answer.status, answer.headers, await answer.text())

    async def filled(self, trial: str, site: str, **fields: str) -> dict[str, str]:
        """The fields of the form for a site as the page has them, with these in place of its own."""
        form = await self.get(f"/en/report?trial={trial}&site={site}")
        assert form.status == 200, form.text
        hidden = {name: form.field(name) for name in ("key", "trial", "site", "seen", "on")}
        return hidden | {"token": self.api.tokens[Role.SITE]} | fields


@pytest.fixture
def browser(api: Api) -> Browser:
    return Browser(api)


@dataclass(frozen=True, slots=True)
class PublishedTrial:
    """A published trial with an open site and an amendment, by its number."""

    trial: str
    number: str
    before: str
    """The position just before the amendment."""


@pytest.fixture
async def published(api: Api) -> PublishedTrial:
    trial = await api.draft(
        **registration(
            plain_summary={"ja": "新しい薬を調べます。", "en": "Tries a new medicine."}, countries=["JP", "KR"]
        )
    )
    number = (await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY))["number"]
    site = f"/v1/trials/{trial}/sites/kyoto"
    place = {"country": "JP", "region": "Kyoto-fu", "city": "Kyoto"}
    named = {"name": {"ja": "京都病院", "en": "Kyoto Hospital"}, "organisation": "kyoto-hp", "place": place}
    await api.done(f"{site}/add", {"site": named})
    decision = {"reason": "The filing is published", "to": "published", "on": "2026-11-01"}
    await api.done(f"{site}/change-authorisation", decision, role=Role.REGULATOR)
    opened = await api.done(f"{site}/open", {"on": "2026-11-10"}, role=Role.SITE)
    amendment = {"reason": "Sample size <recalculated>", "registration": {"planned_size": 180}}
    await api.done(f"/v1/trials/{trial}/amend", amendment)
    await api.settled()
    return PublishedTrial(trial, number, opened["position"])
