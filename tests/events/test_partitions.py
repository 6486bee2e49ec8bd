"""Which partition a stream lives in never changes."""

from hypothesis import given
from hypothesis import strategies as st

from events.partitions import partition_of


def test_streams_stay_in_the_partitions_that_they_were_put_in() -> None:
    # the first eight digits of `printf %s STREAM | sha256sum`, as a number, modulo 24
    frozen = {"trial-1": 19, "trial-2": 23, "登録": 19, "": 2}

    assert {stream: partition_of(stream, 24) for stream in frozen} == frozen


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 1000))
def test_every_stream_has_a_partition_of_the_topic(stream: str, partitions: int) -> None:
    assert partition_of(stream, partitions) in range(partitions)


def test_streams_spread_evenly() -> None:
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(f"trial-{number}", 8)] += 1

    assert 900 < min(counts) <= max(counts) < 1100
