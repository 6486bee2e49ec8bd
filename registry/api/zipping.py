"""Compresses answers for clients that accept it (RFC 9110, 8.4 and 12.5.3).

A secret compressed together with text that its asker chose can be guessed by its length (BREACH). An answer for one
reader alone, such as the form with a token and its receipt, has `no-store` and is not compressed; nor are answers to
methods other than GET and HEAD.
"""

import asyncio
import gzip
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

SMALLEST: Final = 1_000
"""Bytes below which an answer fits into one packet in any case."""
BESIDE: Final = 65_536
"""Bytes from which a thread compresses: on the loop that would take milliseconds in which no request is answered."""
LEVEL: Final = 5
TYPES: Final = ("text/", "application/json", "application/problem+json", "application/x-ndjson", "image/svg+xml")
MARK: Final = "-gzip"
"""Ends the entity tag of a compressed answer: other bytes must bear another tag (RFC 9110, 8.8.3)."""


@web.middleware
async def zipped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compresses an answer if that is worth it."""
    response = await handler(request)
    body = _worth(request, response)
    if body is None:
        return response
    response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
    if takes_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
        assert isinstance(response, web.Response)
        response.body = await asyncio.to_thread(_packed, body) if len(body) >= BESIDE else _packed(body)
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        if hdrs.ETAG in response.headers:
            response.headers[hdrs.ETAG] = f'{response.headers[hdrs.ETAG][:-1]}{MARK}"'
    return response


def _worth(request: web.Request, response: web.StreamResponse) -> bytes | None:
    """The body, if it may be compressed and is worth it."""
    if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD) or not isinstance(response, web.Response):
        return None
    if "no-store" in response.headers.get(hdrs.CACHE_CONTROL, "") or not response.content_type.startswith(TYPES):
        return None
    return response.body if isinstance(response.body, bytes) and len(response.body) >= SMALLEST else None


def _packed(body: bytes) -> bytes:
    # Without the time, so that the same content is the same bytes.
    return gzip.compress(body, LEVEL, mtime=0)


def takes_gzip(accepted: str) -> bool:
    """Whether the header names gzip, or anything, with a weight that is not 0."""
    weights = dict(_weight(coding) for coding in accepted.lower().split(","))
    return weights.get("gzip", weights.get("*", False))


def _weight(coding: str) -> tuple[str, bool]:
    name, *parameters = [part.strip() for part in coding.split(";")]
    weight = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    return name, weight.strip("0.") != ""
