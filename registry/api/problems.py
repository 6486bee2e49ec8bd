"""Refusals on the wire: the one table from exceptions to RFC 9457 problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

from events.canonical import to_json
from events.port import LogUnavailable, MessageTooLarge
from projections.engine.schema import ViewsUnfit
from projections.search.index import SearchBehind, SearchUnready
from registry.domain.decider import Fault, Rejection
from registry.domain.permissions import NotPermitted
from registry.engine.commanding import KeyReused, OutcomeUnknown, VersionConflict
from registry.engine.heads import NotReady
from registry.engine.states import NotInTime, StreamHeld

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 2
"""Seconds after which a request to a node that is starting, or behind, is worth repeating."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the code ends its type URI `/problems/{code}`; the title never varies (RFC 9457, 3.1.3)."""

    code: str
    status: int
    title: str
    again: int = RETRY_AFTER
    """Seconds after which the same request is worth repeating, if it is."""

    @property
    def worth_repeating(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.status in (429, 503)


BAD_JSON: Final = Kind("bad-json", 400, "The body is not JSON that can be accepted")
BAD_PARAMETER: Final = Kind("bad-parameter", 400, "A header or query parameter can't be read")
KEY_MISSING: Final = Kind("key-missing", 400, "An Idempotency-Key is needed")
BAD_REQUEST: Final = Kind("bad-request", 400, "The request can't be read")
TOKEN_INVALID: Final = Kind("token-invalid", 401, "The bearer token is unknown, revoked or expired")
TOKEN_MISSING: Final = Kind("token-missing", 401, "A bearer token is needed")
NOT_PERMITTED: Final = Kind("not-permitted", 403, "The bearer may not do this")
ROUTE_UNKNOWN: Final = Kind("route-unknown", 404, "There is nothing at this address")
SCHEMA_UNKNOWN: Final = Kind("schema-unknown", 404, "No such event schema")
TRIAL_UNKNOWN: Final = Kind("trial-unknown", 404, "No such trial")
PROGRAMME_UNKNOWN: Final = Kind("programme-unknown", 404, "No such programme")
REGION_UNKNOWN: Final = Kind("region-unknown", 404, "No such region of this programme")
DOCUMENT_UNKNOWN: Final = Kind("document-unknown", 404, "No such raw document of this trial")
IMPORT_UNKNOWN: Final = Kind("import-unknown", 404, "No import has ended under this id")
COMMAND_UNKNOWN: Final = Kind("command-unknown", 404, "No command is recorded under this key")
METHOD_NOT_ALLOWED: Final = Kind("method-not-allowed", 405, "The method is not allowed here")
TOO_SLOW: Final = Kind("too-slow", 408, "The body did not arrive in time")
DOCUMENT_ERASED: Final = Kind("document-erased", 410, "The raw document is erased")
VERSION_CONFLICT: Final = Kind("version-conflict", 412, "The version has changed")
TOO_LARGE: Final = Kind("too-large", 413, "The body is too large")
ADDRESS_TOO_LONG: Final = Kind("address-too-long", 414, "The address is too long")
MEDIA_TYPE: Final = Kind("media-type", 415, "Send application/json")
INVALID: Final = Kind("invalid", 422, "The body does not have the command's form")
REJECTED: Final = Kind("rejected", 422, "The rules do not allow the command")
KEY_REUSED: Final = Kind("key-reused", 422, "The Idempotency-Key was used for another command")
CROWDED: Final = Kind("too-many-at-once", 429, "Too many requests are under way")
HEADER_TOO_LONG: Final = Kind("header-too-long", 431, "A header is too long")
INTERNAL: Final = Kind("internal", 500, "The registry failed")
NOT_READY: Final = Kind("not-ready", 503, "The node is not ready")
NOT_IN_TIME: Final = Kind("not-in-time", 503, "There was no answer in time")
SET_ASIDE: Final = Kind("set-aside", 503, "This release can't read a part of the requested data", again=600)
VIEWS_BEHIND: Final = Kind("views-behind", 503, "The views have not reached the position yet")
SEARCH_UNREADY: Final = Kind("search-unready", 503, "The search index is being built", again=5)
VIEWS_UNFIT: Final = Kind("views-unfit", 503, "The views or the keys are not those of the log", again=60)
OUTCOME_UNKNOWN: Final = Kind("outcome-unknown", 503, "It is not known yet whether the command is recorded")

KINDS: Final = tuple(kind for kind in [*globals().values()] if isinstance(kind, Kind))
"""Every one above."""


class Problem(Exception):
    """A refusal as the client gets it. `members` are extension members beside `detail` and `faults`."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        faults: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ):
        super().__init__(kind.code)
        self.kind, self.detail, self.faults = kind, detail, faults
        self.headers, self.members = headers or {}, members or {}

    def document(self, request_id: UUID) -> dict[str, Any]:
        """The problem document; `instance` names the request as the node's log does."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "instance": request_id.urn,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.faults:
            body["faults"] = [{"rule": one.rule, "message": one.message, "field": one.field} for one in self.faults]
        if self.kind.worth_repeating:
            body["retry_after"] = self.kind.again
        return {**body, **self.members}

    def response(self, request_id: UUID) -> web.Response:
        """The answer: the document, and when to ask again."""
        again = {"Retry-After": str(self.kind.again)} if self.kind.worth_repeating else {}
        response = web.Response(
            status=self.kind.status,
            body=to_json(self.document(request_id)),
            content_type=CONTENT_TYPE,
            headers={**self.headers, **again},
        )
        if self.kind in (TOO_SLOW, TOO_LARGE):
            # The rest of the body is still on its way, and can't be distinguished from a next request.
            response.force_close()
        return response


UNKNOWN_STREAMS: Final = {one.code: one for one in (TRIAL_UNKNOWN, PROGRAMME_UNKNOWN, REGION_UNKNOWN)}
"""The problems of a command to something that does not exist, by the rule that it breaks."""
PLAIN: Final[tuple[tuple[tuple[type[Exception], ...], Kind, str], ...]] = (
    ((RequestPayloadError, HttpProcessingError), BAD_REQUEST, "the body is incomplete, or is framed wrongly"),
    ((KeyReused,), KEY_REUSED, "use a new key for a new command; repeat a command with the very same content"),
    ((MessageTooLarge,), TOO_LARGE, "what would be recorded is more than one record of the log may hold"),
    (
        (StreamHeld,),
        SET_ASIDE,
        "an event of it is recorded and waits for a release that can read it; this request recorded nothing",
    ),
    ((ViewsUnfit,), VIEWS_UNFIT, "the operator finds what does not fit in /readyz; this request recorded nothing"),
    ((SearchUnready,), SEARCH_UNREADY, "all but the search is answered; /readyz says why the index is made anew"),
    ((SearchBehind,), VIEWS_BEHIND, "the search index has not reached what is asked for"),
    ((OutcomeUnknown,), OUTCOME_UNKNOWN, "repeat the very same request with the same Idempotency-Key"),
    (
        (NotInTime, TimeoutError, psycopg.errors.QueryCanceled),
        NOT_IN_TIME,
        "the node or its views are too busy; this request recorded nothing",
    ),
    ((NotReady, LogUnavailable), NOT_READY, "the node has not read the log to its end; another node may be ready"),
    ((psycopg.OperationalError,), NOT_READY, "the node can't reach its database; repeat a command with the same key"),
)
"""Exceptions whose kind says everything."""


def problem_of(fault: BaseException) -> Problem:
    """The problem for an exception; one that is not listed is INTERNAL, without any detail."""
    match fault:
        case Problem():
            return fault
        case web.HTTPException():
            return _of_http(fault)
        case Rejection():
            return _rejected(fault)
        case NotPermitted():
            return Problem(NOT_PERMITTED, str(fault))
        case VersionConflict():
            return Problem(VERSION_CONFLICT, str(fault), headers={"ETag": f'"{fault.version}"'})
        case _:
            return next(
                (Problem(kind, detail) for kinds, kind, detail in PLAIN if isinstance(fault, kinds)), Problem(INTERNAL)
            )


def _rejected(fault: Rejection) -> Problem:
    for one in fault.faults:
        # If the fault has a field, something in the body is unknown; otherwise the address is.
        if one.rule in UNKNOWN_STREAMS and not one.field:
            return Problem(UNKNOWN_STREAMS[one.rule])
    return Problem(REJECTED, faults=fault.faults)


def _of_http(fault: web.HTTPException) -> Problem:
    match fault:
        case web.HTTPMethodNotAllowed():
            return Problem(METHOD_NOT_ALLOWED, headers={"Allow": fault.headers["Allow"]})
        case web.HTTPNotFound():
            return Problem(ROUTE_UNKNOWN)
        case web.HTTPRequestEntityTooLarge():
            return Problem(TOO_LARGE)
        case _ if 400 <= fault.status < 500:
            return Problem(BAD_REQUEST)
        case _:
            return Problem(INTERNAL)
