"""ICTRP's records are found in every form of file, however it is cut, and each broken record is refused alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.ictrp.spans import FORMS, identifier
from adapters.scanning.xml_spans import CODECS, Broken, Found, element, records
from tests.support.ctgov import SHARED

SAMPLES = {
    SHARED / "samples" / "ictrp_export" / "ictrp_web_export_300.xml": ("export", 300),
    SHARED / "samples" / "ictrp_upload" / "rebec_57_upload.xml": ("upload", 57),
}
WHOLE = "whole"
Summary: TypeAlias = tuple[int | None, str | None, str]


def read(document: bytes, size: int = 1 << 20) -> list[Found | Broken]:
    return list(records((document[at : at + size] for at in range(0, len(document), size)), FORMS))


def summaries(document: bytes, size: int = 1 << 20) -> list[Summary]:
    """For each record its number, its identifier, and `WHOLE` or the reason."""
    return [_summary(one) for one in read(document, size)]


def _summary(one: Found | Broken) -> Summary:
    if isinstance(one, Broken):
        return one.number, identifier(one.raw), one.reason
    parsed = element(one)
    return one.number, identifier(one.raw), parsed if isinstance(parsed, str) else WHOLE


def trial(number: str, more: str = "") -> str:
    return f"<trial>\n<main><trial_id>{number}</trial_id></main>{more}</trial>"


def upload(*trials: str, declared: str = "") -> bytes:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>\n" if declared else ""
    text = f"{declaration}<trials>{''.join(trials)}</trials>"
    return text.encode(CODECS[declared.lower()] if declared else "utf-8")


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_every_record_of_a_sample_is_found_with_its_bytes(file: Path) -> None:
    document = file.read_bytes()
    form, count = SAMPLES[file]
    found = [one for one in read(document, 65_536) if isinstance(one, Found)]
    rest = document
    for one in found:
        before, raw, rest = rest.partition(one.raw)
        assert raw
        assert b"rial>" not in before

    assert [one.number for one in found] == list(range(1, count + 1))
    assert {(one.form, one.encoding) for one in found} == {(form, "utf-8")}
    assert [canonical(element(one)) for one in found] == [canonical(one) for one in etree.fromstring(document)]


def canonical(parsed: etree._Element | str) -> bytes:
    assert not isinstance(parsed, str)
    parsed.tail = None
    return etree.tostring(parsed, method="c14n2")


A, B = trial("A-1"), trial("B-2")
BOTH = [(1, "A-1", WHOLE), (2, "B-2", WHOLE)]


@pytest.mark.parametrize(
    "document",
    [
        f"<trials>{A}{B}</trials>",
        f"<root>{A}{B}</root>",
        f"<root><trials>{A}{B}</trials></root>",
        f"<root><trials>{A}</trials><trials>{B}</trials></root>",
        f"\ufeff<trials>{A}{B}</trials>",
        f"<?xml version='1.0'?><trials>{A}{B}</trials>",
        f'\n<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<trials>{A}{B}</trials>\n',
        f"<?xml-stylesheet href='x'?><!-- <trial> --><trials a='>' b=\"/>\">{A}<?x </trials>?>{B}</trials><!-- end -->",
        f'<!DOCTYPE trials SYSTEM "no[]>such.dtd"><trials>{A}{B}</trials>',
        f"<!DOCTYPE trials PUBLIC '-//x//y' \"http://127.0.0.1:1/no.dtd\" ><trials>{A}{B}</trials>",
        f"<trials>{A}{B}</trials>".replace("<trial>", "<trial\n a='>'>").replace("</trial>", "</trial\n>"),
        "<Trials_downloaded_from_ICTRP><Trial><TrialID>A-1</TrialID></Trial>"
        "<Trial><TrialID>B-2</TrialID></Trial></Trials_downloaded_from_ICTRP>",
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1 << 20])
def test_every_form_of_file_gives_its_records_in_order_however_it_is_cut(document: str, size: int) -> None:
    assert summaries(document.encode(), size) == BOTH


def test_a_record_may_be_a_file_of_its_own() -> None:
    assert summaries(upload(A)) == BOTH[:1]
    assert summaries(A.encode()) == BOTH[:1]


@pytest.mark.parametrize("document", [b"<trials/>", b"<trials></trials>", b"<root>\n<trials />\n</root>"])
def test_a_list_may_be_empty(document: bytes) -> None:
    assert summaries(document) == []


def test_what_looks_like_a_record_in_a_comment_or_cdata_is_none() -> None:
    inside = "<!-- </trial> --><a><![CDATA[</trial><trial>]]></a><?pi </trials>?>"
    one, two = read(upload(trial("A-1", inside), B))

    assert isinstance(one, Found)
    assert one.raw == trial("A-1", inside).encode()
    parsed = element(one)
    assert not isinstance(parsed, str)
    assert parsed.findtext("a") == "</trial><trial>"
    assert _summary(two) == BOTH[1]


def test_a_comment_inside_a_text_does_not_cut_the_text() -> None:
    (one,) = read(upload(trial("A-1", "<a>left<!-- aside -->right<?pi?>!</a>")))

    assert isinstance(one, Found)
    parsed = element(one)
    assert not isinstance(parsed, str)
    assert parsed.findtext("a") == "leftright!"


def test_an_external_dtd_is_never_read(tmp_path: Path) -> None:
    dtd = tmp_path / "a.dtd"
    dtd.write_text('<!ENTITY word "from the DTD"><!ATTLIST trial kind CDATA "from the DTD">')
    one, two = read(f'<!DOCTYPE trials SYSTEM "{dtd.as_uri()}">'.encode() + upload(trial("A-1", "<a>&word;</a>"), B))

    assert _summary(one)[2].startswith("not XML: Entity 'word' not defined")
    assert isinstance(two, Found)
    parsed = element(two)
    assert not isinstance(parsed, str)
    assert parsed.attrib == {}


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("UTF-8", "é 試験 😀"),
        ("utf8", "é"),
        ("US-ASCII", "e"),
        ("ISO-8859-1", "é"),
        ("windows-1252", "é – “quoted”"),
        ("Shift_JIS", "ゾ表ソ能 ① 髙 ~ \\"),
        ("windows-31j", "ゾ表ソ能 ① 髙"),
        ("EUC-JP", "試験 表"),
    ],
)
def test_a_record_is_read_in_the_encoding_declared(declared: str, text: str) -> None:
    document = upload(trial("A-1", f"<a>{text}</a><b><![CDATA[{text}]]></b>"), declared=declared)
    (one,) = read(document, 3)

    assert isinstance(one, Found)
    assert one.raw in document
    parsed = element(one)
    assert not isinstance(parsed, str)
    assert (parsed.findtext("a"), parsed.findtext("b")) == (text, text)


def test_a_shift_jis_character_that_seems_to_end_cdata_refuses_its_record_and_is_never_misread() -> None:
    harmless = trial("A-1", "<a><![CDATA[ゾ]> on]]></a>")
    harmful = trial("B-2", "<a><![CDATA[ゾ]></trial>]]></a>")
    results = summaries(upload(harmless, harmful, trial("C-3"), declared="Shift_JIS"))

    assert results[0] == BOTH[0]
    assert results[1][:2] == (2, "B-2")
    assert results[1][2].startswith("not XML")
    assert results[-1] == (3, "C-3", WHOLE)


@pytest.mark.parametrize("declared", ["UTF-16", "ISO-2022-JP", "UTF-7", "EBCDIC-CP-US", "hex"])
def test_an_encoding_that_hides_ascii_is_refused(declared: str) -> None:
    (only,) = summaries(f'<?xml version="1.0" encoding="{declared}"?><trials>{A}</trials>'.encode())

    assert only[2].startswith(f"its encoding {declared.lower()!r} is none of utf-8, ")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_utf16_and_utf32_are_refused(codec: str) -> None:
    assert summaries(upload(A).decode().encode(codec)) == [(None, None, "UTF-16, UTF-32 or no text; save it as UTF-8")]


def test_a_byte_order_mark_that_contradicts_the_declaration_is_refused() -> None:
    document = b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><trials/>"

    assert summaries(document) == [(None, None, "a byte order mark says UTF-8, and the declaration iso-8859-1")]


@pytest.mark.parametrize(
    ("declared", "illegal"),
    [
        ("utf-8", b"\xe9"),
        ("utf-8", b"\xed\xa0\x80"),
        ("us-ascii", b"\xe9"),
        ("windows-1252", b"\x81"),
        ("shift_jis", b"\x81\x20"),
        ("euc-jp", b"\xff"),
    ],
)
def test_bytes_that_are_illegal_in_the_encoding_refuse_their_record_alone(declared: str, illegal: bytes) -> None:
    document = upload(A, trial("B-2", "<a>HERE</a>"), trial("C-3"), declared=declared).replace(b"HERE", illegal)
    at = len(b"<trial>\n<main><trial_id>B-2</trial_id></main><a>")

    assert summaries(document) == [BOTH[0], (2, "B-2", f"not {declared}: byte {at} of the record"), (3, "C-3", WHOLE)]


C = (3, "C-3", WHOLE)
STRAY = "stands something that is no `trial`"


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("<trial><trial_id>B-2</trial_id>", [(2, "B-2", "opens again before it closes"), C]),
        ("<trial a='", [(2, None, "opens again before it closes"), C]),
        ("<trial><a></b></trial>", [(2, None, "not XML: Opening and ending tag mismatch: a"), C]),
        ("<trial><a>&nbsp;</a></trial>", [(2, None, "not XML: Entity 'nbsp' not defined"), C]),
        ("<trial>a & b</trial>", [(2, None, "not XML: xmlParseEntityRef: no name"), C]),
        ("<trial>\x00</trial>", [(2, None, "not XML: "), C]),
        ("<trial>&#0;</trial>", [(2, None, "not XML: xmlParseCharRef: invalid xmlChar value 0"), C]),
        ("<trial a='1' a='2'/>", [(2, None, "not XML: Attribute a redefined"), C]),
        ("<trial><x:a/></trial>", [(2, None, "not XML: Namespace prefix x"), C]),
        ("<trial><!DOCTYPE a></trial>", [(2, None, "not XML: "), C]),
        ("stray", [(None, None, f"after record 1 {STRAY}"), (2, "C-3", WHOLE)]),
        ("<Triall>x</Triall> y", [(None, None, f"after record 1 {STRAY}"), (2, "C-3", WHOLE)]),
        ("</trial>", [(None, None, f"after record 1 {STRAY}"), (2, "C-3", WHOLE)]),
        ("<![CDATA[<trial/>]]>", [(None, None, f"after record 1 {STRAY}"), (2, "C-3", WHOLE)]),
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_broken_record_is_refused_alone(broken: str, expected: list[Summary], size: int) -> None:
    results = summaries(upload(A, broken, trial("C-3")), size)

    assert results[0] == BOTH[0]
    assert [one[:2] for one in results[1:]] == [one[:2] for one in expected]
    for result, wanted in zip(results[1:], expected, strict=True):
        assert result[2].startswith(wanted[2])


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "no XML: there is no element"),
        ("<!-- only -->", "no XML: there is no element"),
        ("{}", "no XML: it begins otherwise"),
        ("<html><trial/></html>", "its root is `html` and none of Trials_downloaded_from_ICTRP, trials, root"),
        ("<!DOCTYPE html><html/>", "its root is `html` and none of"),
        ("<trials", "no XML: it begins otherwise"),
        ("<trials ", "cut off inside a tag around the records"),
        ("<trials <trial/></trials>", "a tag around the records is broken"),
        ("<trials>", "cut off after record 0"),
        ("<trials></root>", "cut off after record 0"),
        ("<trials><trials/></trials>", "`trials` stands inside itself"),
        ("<trials></trials><trial/>", "more follows after the end of the list"),
        ("<trials/>x", "more follows after the end of the list"),
        ("<trials/><!-- ", "cut off: the file ends inside what `<!--` began"),
        ("<?xml version='1.0'", "cut off: the file ends inside what `<?` began"),
        ("<!DOCTYPE trials SYSTEM 'x", "cut off inside the DOCTYPE"),
    ],
)
def test_a_file_that_is_none_is_refused_once(document: str, reason: str) -> None:
    ((number, name, told_reason),) = summaries(document.encode())

    assert (number, name) == (None, None)
    assert told_reason.startswith(reason)


def test_a_record_that_does_not_close_is_told_apart_from_the_end_of_its_list() -> None:
    assert summaries(f"<trials>{A}<trial><trial_id>B-2</trial_id></trials>".encode()) == [
        BOTH[0],
        (2, "B-2", "does not close before the list does"),
    ]


def test_a_file_cut_anywhere_gives_the_whole_records_before_the_cut_and_one_refusal() -> None:
    comment = "<!-- <trial> --><a b='>'><![CDATA[</trial>]]></a>"
    whole = b"<?xml version='1.0'?><!DOCTYPE trials SYSTEM 'a.dtd'>" + upload(trial("A-1", comment), B)
    ends = [whole.index(one.raw) + len(one.raw) for one in read(whole) if isinstance(one, Found)]
    for cut in range(len(whole)):
        reasons = [one[2] for one in summaries(whole[:cut], 50)]

        assert reasons[:-1] == [WHOLE] * sum(end <= cut for end in ends)
        assert reasons[-1] != WHOLE


OUTER = st.sampled_from(["<trials>", "</trials>", "<trial>", "</trial>", "<trial/>", "<trial ", "<root>", "</root>"])
ASIDE = st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<?xml ", "<?", "?>", "<!DOCTYPE a", "["])
INNER = st.sampled_from([">", '"', "'", "<", "/", "</", "a", " ", "&", "&lt;", "\x00", "é"])
TOKENS = OUTER | ASIDE | INNER
FILES = st.binary(max_size=100) | st.lists(TOKENS, max_size=30).map("".join).map(str.encode)


@settings(deadline=None)
@given(FILES.map(b"<trials>".__add__) | FILES, st.integers(1, 40))
def test_no_bytes_raise_and_where_they_are_cut_changes_nothing(document: bytes, size: int) -> None:
    assert summaries(document, size) == summaries(document)


@settings(deadline=None)
@given(FILES, FILES)
def test_the_records_are_apart_and_in_order(before: bytes, between: bytes) -> None:
    document = b"<trials>" + before + A.encode() + between + B.encode() + b"</trials>"
    at = 0
    for raw in raws(document):
        at = document.index(raw, at) + len(raw)


def raws(document: bytes) -> Iterator[bytes]:
    return (one.raw for one in read(document, 11) if isinstance(one, Found))
