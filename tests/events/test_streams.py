"""Names of streams: what is built is what is taken apart, and what stands in the log stays as it is."""

import pickle
from uuid import UUID

import pytest

from events import canonical
from events.streams import Stream

ID = "0199a5c0-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("name", "category", "thing"),
    [
        (f"trial/{ID}", "trial", ID),
        ("numbers/JTR2026", "numbers", "JTR2026"),
        ("numbers/", "numbers", ""),
        ("access/demo-1/2", "access", "demo-1/2"),
        ("log", "log", ""),
    ],
)
def test_a_name_is_taken_apart_at_the_first_slash(name: str, category: str, thing: str) -> None:
    assert (Stream(name).category, Stream(name).id) == (category, thing)


def test_a_stream_is_the_text_that_stands_in_the_log() -> None:
    stream = Stream.of("trial", UUID(ID))

    assert stream == f"trial/{ID}"
    assert hash(stream) == hash(f"trial/{ID}")
    assert canonical.to_json({"subject": stream}) == canonical.to_json({"subject": f"trial/{ID}"})
    assert pickle.loads(pickle.dumps(stream)).id == ID
