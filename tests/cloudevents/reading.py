"""Reads messages of Kafka as CloudEvents, writes them in structured mode, reads those, and writes them as they came.

A separate program: it runs with one version of the `cloudevents` library on its path, and without our packages.
Lines of JSON in and out: `headers` (name → text), `key` (text) and `value` (base64).
"""

import base64
import json
import sys
from collections.abc import Mapping
from typing import Any

JSON = "application/json"


def with_1(headers: Mapping[str, bytes], key: str, value: bytes) -> Any:
    """The message after both modes, by the library's first version."""
    from cloudevents.kafka import KafkaMessage, from_binary, from_structured, to_binary, to_structured

    # This version makes no JSON from an empty value, and no event either.
    is_json = headers["content-type"].decode() == JSON and value
    as_it_is = None if is_json else bytes
    event = from_binary(KafkaMessage(dict(headers), key, value), data_unmarshaller=as_it_is)
    again = from_structured(to_structured(event), data_unmarshaller=as_it_is)
    return to_binary(again, data_marshaller=as_it_is)


def with_2(headers: Mapping[str, bytes], key: str, value: bytes) -> Any:
    """The same by the second, which also checks each attribute."""
    from cloudevents.core.bindings.kafka import (
        KafkaMessage,
        from_binary_event,
        from_structured_event,
        to_binary_event,
        to_structured_event,
    )

    event = from_binary_event(KafkaMessage(dict(headers), key, value))
    return to_binary_event(from_structured_event(to_structured_event(event)))


def main(version: str) -> None:
    """Does it with each line of the input."""
    both_modes = {"1": with_1, "2": with_2}[version]
    for line in sys.stdin:
        message = json.loads(line)
        headers = {name: text.encode() for name, text in message["headers"].items()}
        made = both_modes(headers, message["key"], base64.b64decode(message["value"]))
        result = {
            "headers": {name: text.decode() for name, text in made.headers.items()},
            "key": made.key,
            "value": base64.b64encode(made.value).decode(),
        }
        sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
