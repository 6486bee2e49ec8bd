"""What is pointed out in free text before it becomes public, and what is left alone."""

import pytest

from registry.pages.noticing import SURNAMES, Kind, mark_of, noticed


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("田中 太郎 090-1234-5678", Kind.TELEPHONE, "090-1234-5678"),
        ("連絡先は０３（１２３４）５６７８です", Kind.TELEPHONE, "03(1234)5678"),
        ("０９０１２３４５６７８まで", Kind.TELEPHONE, "09012345678"),
        ("Call +81 3 1234 5678 please", Kind.TELEPHONE, "+81 3 1234 5678"),
        ("Call (555) 010-0123.", Kind.TELEPHONE, "(555) 010-0123"),
        ("03-1234-5678 03-1234-9999", Kind.TELEPHONE, "03-1234-9999"),
        ("write to a.b@example.co.jp!", Kind.EMAIL, "a.b@example.co.jp"),
        ("田中 太郎 090-1234-5678", Kind.NAME, "田中 太郎"),
        ("田中が退職したため", Kind.NAME, "田中"),
        ("鷹取先生の退職", Kind.NAME, "鷹取先生"),
        ("鷹取 一郎さんの希望", Kind.NAME, "鷹取 一郎さん"),
        ("林 花子の異動", Kind.NAME, "林 花子"),
        ("Dr. Smith has left", Kind.NAME, "Dr Smith"),
        ("Nurse Jane Doe is away", Kind.NAME, "Nurse Jane"),
        ("SUZUKI Ichiro left", Kind.NAME, "SUZUKI"),
        ("Hanako Tanaka left", Kind.NAME, "Tanaka"),
    ],
)
def test_names_and_numbers_are_pointed_out(text: str, kind: Kind, part: str) -> None:
    assert part in [one.text for one in noticed(text) if one.kind is kind], noticed(text)


@pytest.mark.parametrize(
    "text",
    [
        "機器の点検",
        "Equipment check",
        "2026-11-17から2026-12-01まで",
        "JTR20260000013 と jRCT2031220001 に合わせた",
        "目標の 1,200 人に達した",
        "担当医師が不在のため、患者さんの受入れを中断",
        "治験責任医師の交代と同様の理由",
        "山口大学病院、石川県立中央病院、大塚製薬",
        "森林の近く",
        "Chiba University Hospital and Otsuka Pharmaceutical",
        "The protocol was amended (version 2.1, 17 November 2026).",
        "ISRCTN12345678, NCT01234567",
        "様式を改めた。氏名は書かない。",
        "",
    ],
)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert noticed(text) == ()


def test_a_part_of_what_is_pointed_out_is_not_pointed_out_again() -> None:
    assert [one.text for one in noticed("田中先生、田中先生")] == ["田中先生"]


def test_a_mark_is_of_one_text() -> None:
    assert mark_of("田中") == mark_of("田中")
    assert mark_of("田中") != mark_of("田中 ")


def test_every_family_name_is_there_once_and_is_found() -> None:
    names = [name["ja"] for name in SURNAMES]

    assert len(names) == len(set(names)) > 100
    for name in SURNAMES:
        assert noticed(f"{name['ja']} 花子")[0].text == f"{name['ja']} 花子"
        assert noticed(name["en"]), name
