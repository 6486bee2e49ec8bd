"""Sealed personal data: opens for its stream with its key, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import sealing
from events.schemas.values import Sealed

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
DETAILS = st.dictionaries(st.sampled_from(["name", "email", "telephone"]), st.text(), max_size=3)


@given(details=DETAILS)
def test_what_is_sealed_opens_as_it_was_and_shows_nothing(details: dict[str, str]) -> None:
    stored = sealing.seal(KEY, "person", "trial/1", details)

    assert sealing.unseal(KEY, "trial/1", stored) == details
    assert Sealed.model_validate(stored).to_stored() == stored
    assert all(len(value) < 4 or value not in str(stored) for value in details.values())


@given(details=DETAILS)
def test_the_same_details_seal_to_the_same_bytes_and_others_to_others(details: dict[str, str]) -> None:
    stored = sealing.seal(KEY, "person", "trial/1", details)

    assert stored == sealing.seal(KEY, "person", "trial/1", dict(reversed(details.items())))
    assert stored["sealed"] != sealing.seal(KEY, "person", "trial/2", details)["sealed"]
    assert stored["sealed"] != sealing.seal(KEY, "person", "trial/1", {**details, "city": "x"})["sealed"]


def test_another_key_stream_or_person_does_not_open_it() -> None:
    stored = sealing.seal(KEY, "person", "trial/1", {"name": "花子"})
    for key, stream, sealed in [
        (OTHER_KEY, "trial/1", stored),
        (KEY, "trial/2", stored),
        (KEY, "trial/1", {**stored, "person": "another"}),
    ]:
        with pytest.raises(sealing.Tampered):
            sealing.unseal(key, stream, sealed)


def test_every_flipped_bit_is_found() -> None:
    sealed = sealing.seal_bytes(KEY, b"place", b"secret")
    for bit in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(sealing.Tampered):
            sealing.unseal_bytes(KEY, b"place", bytes(broken))


def test_a_document_opens_where_keys_are_left_and_says_erased_elsewhere() -> None:
    known = sealing.seal(KEY, "known", "trial/1", {"name": "花子"})
    gone = sealing.seal(OTHER_KEY, "gone", "trial/1", {"name": "太郎"})
    document = {"contacts": [{"role": "public", "person": known}, {"role": "site", "person": gone}], "size": 3}
    opened = sealing.opened(document, "trial/1", {"known": KEY})

    assert opened["contacts"][0]["person"] == {"person": "known", "name": "花子"}
    assert opened["contacts"][1]["person"] == {"person": "gone", "erased": True}
    assert opened["size"] == 3
    assert list(sealing.owners_in(document)) == ["known", "gone"]


def test_a_nonce_is_of_key_place_and_content_together() -> None:
    places = [(KEY, b"one", b"same"), (OTHER_KEY, b"one", b"same"), (KEY, b"other", b"same"), (KEY, b"one", b"else")]
    # What stands at the end of one and at the beginning of the other must not run together.
    places += [(KEY, b"on", b"esame"), (KEY, b"", b"onesame")]
    nonces = [sealing.seal_bytes(*place)[: sealing.NONCE_BYTES] for place in places]

    assert len(set(nonces)) == len(places)
    assert sealing.seal_bytes(*places[0])[: sealing.NONCE_BYTES] == nonces[0]
    assert sealing.NONCE_BYTES == 12
    streams = {sealing.seal(KEY, "person", stream, {"name": "A"})["sealed"][:18] for stream in ("trial/1", "trial/2")}
    assert len(streams) == 2, "16 characters of base64 after the mark are the 12 bytes"


LATER = [
    {"person": "known", "sealed": "2.AAAA"},
    {"person": "known", "sealed": "1.AAAA", "key": "2"},
    {"person": "known", "sealed": "AAAA"},
    {"person": "known", "sealed": 7},
    {"audience": "members", "sealed": "1.AAAA"},
]


@pytest.mark.parametrize("stored", LATER)
def test_what_a_later_program_sealed_is_shown_as_closed(stored: dict[str, str]) -> None:
    named = {"person": "known"} if "person" in stored else {}
    [shown] = sealing.opened([stored], "trial/1", {"known": KEY})

    assert shown == {**named, "closed": True}


@pytest.mark.parametrize("stored", LATER[:-1])
def test_what_a_later_program_sealed_of_a_person_is_found_for_erasure(stored: dict[str, str]) -> None:
    assert list(sealing.owners_in({"contacts": [{"person": stored}]})) == ["known"]
    assert sealing.opened(stored, "trial/1", {}) == {"person": "known", "erased": True}


def test_sealed_data_begins_with_the_version_of_its_form() -> None:
    stored = sealing.seal(KEY, "person", "trial/1", {"name": "A"})

    assert stored["sealed"].startswith("1.")
    for later in ({"key": "2"}, {}):
        assert Sealed.from_stored({**stored, **later}).to_stored() == {**stored, **later}
    assert Sealed.from_stored(LATER[-1]).to_stored() == LATER[-1]
