"""Examples of bodies of a programme's commands, for the documentation. Programme and organisations are invented."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_ON: Final = {"date": "2026-11-20"}

PROGRAMME: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "register": {
            "details": {
                "title": {
                    "ja": "小児真菌症に対する新しい抗真菌薬の国際共同試験群",
                    "en": "Trials of a new antifungal in children in several countries",
                },
                "acronym": "EXAMPLE-PEDS",
            }
        },
        "amend": {"reason": "the acronym was settled", "details": {"acronym": "EXAMPLE-KIDS"}},
        "add-sponsor": {
            "sponsor": {
                "organisation": "nara-sponsor",
                "name": {"ja": "例示製薬（奈良）", "en": "Example Pharma Nara"},
                "kind": "second_sponsor",
            }
        },
        "remove-sponsor": {"reason": "the contract ended", "organisation": "nara-sponsor"},
        "add-protocol": {"protocol": {"protocol": "main", "number": "EX-127"}},
        "add-protocol-version": {
            "version": {
                "protocol": "main",
                "version": "v1",
                "number": "01",
                "dated": "2026-06-01",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "poolings": [
                    {
                        "item": "east-asia",
                        "name": {"ja": "東アジア", "en": "East Asia"},
                        "regions": ["JP", "KR"],
                        "purposes": ["analysis"],
                        "planned": 60,
                    }
                ],
                "planned": [{"region": "JP", "participants": 40}, {"region": "KR", "participants": 20}],
            }
        },
        "link-registration": {"registration": "us", "number": "NCT04665037"},
        "unlink-registration": {"reason": "it was of another programme", "registration": "us"},
        "declare-region": {"country": "KR"},
        "join-region": {
            "terms": {
                "region": "JP",
                "country": "JP",
                "regime": "jp-chiken",
                "procedure": "jp-chiken",
                "authorities": ["pmda", "mhlw"],
                "coordinator": "kyoto-sponsor",
            },
            "on": _ON,
        },
        "set-joint-step": {"joint_step": {"step": "part-1", "lead": "BE", "members": ["BE", "GR", "PL"]}},
        "halt": {
            "halt": {
                "item": "h1",
                "actor": "sponsor",
                "organisation": "kyoto-sponsor",
                "kind": "temporary_halt",
                "scope": "enrolment",
                "decided": _ON,
                "why": {"ja": "安全性情報の評価のため", "en": "To assess news on safety"},
            }
        },
        "lift-halt": {"halt": "h1", "basis": "own_word", "on": _ON},
        "end": {"kind": "normal", "on": _ON},
        "correct-event": {"reason": "the day was misread", "corrects": 7, "on": {"date": "2026-11-19"}},
    }
)
