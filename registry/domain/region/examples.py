"""Examples of bodies of a region's commands, for the documentation. Programme and organisations are invented."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_ON: Final = {"date": "2026-11-20"}
_FOR_INITIAL: Final = {"application": "initial", "on": _ON}

REGION: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "amend-terms": {"reason": "another office answers for the region", "coordinator": "kyoto-office"},
        "record-milestone": {"milestone": "first_site_ready", "kind": "anticipated", "on": {"date": "2027-02"}},
        "set-due": {
            "step": "decision",
            "application": "initial",
            "due": {"date": "2026-12-18", "at": "2026-12-18T23:59:59+09:00", "zone": "Asia/Tokyo"},
        },
        "submit-application": {
            "application": "initial",
            "kind": "initial",
            "number": "2026-500001-11-00",
            "versions": [{"protocol": "main", "version": "v1"}],
            "on": _ON,
        },
        "validate-application": {**_FOR_INITIAL, "outcome": "valid"},
        "ask-question": {
            **_FOR_INITIAL,
            "question": "q1",
            "step": "national",
            "formal": True,
            "text": {"ja": "同意説明文書の記載について", "en": "On the wording of the consent form"},
            "due": {"date": "2026-12-02", "at": "2026-12-02T12:00:00+09:00"},
            "audience": ["own_region", "region_sponsor"],
        },
        "answer-question": {
            **_FOR_INITIAL,
            "question": "q1",
            "text": {"ja": "改訂した文書を提出した", "en": "A revised form was handed in"},
        },
        "share-paper": {
            **_FOR_INITIAL,
            "paper": "c1",
            "kind": "consideration",
            "text": {"en": "On the dose for children", "ja": "小児の用量について"},
            "audience": ["pattern_members"],
        },
        "stop-clock": {**_FOR_INITIAL, "why_stopped": "question"},
        "resume-clock": dict(_FOR_INITIAL),
        "conclude-assessment": {**_FOR_INITIAL, "part": "national", "outcome": "acceptable"},
        "opt-out": {**_FOR_INITIAL, "ground": "national-law"},
        "give-ethics-opinion": {**_FOR_INITIAL, "outcome": "approved"},
        "decide-application": {
            **_FOR_INITIAL,
            "outcome": "authorised_with_conditions",
            "conditions": [
                {
                    "item": "dsmb",
                    "text": {"ja": "委員会の議事録を提出すること", "en": "Hand in the minutes of the board"},
                    "due": "2027-01",
                    "blocks_start": False,
                }
            ],
        },
        "meet-condition": {**_FOR_INITIAL, "condition": "dsmb"},
        "record-permission": {"how": "transferred", "law": "Directive 2001/20/EC", "on": _ON},
        "withdraw-application": dict(_FOR_INITIAL),
        "publish-filing": {"register_name": "jRCT", "number": "jRCT2031260001", "on": _ON},
        "record-version": {"protocol": "main", "version": "v1", "use": "in_use", "on": _ON},
        "halt": {
            "halt": {
                "item": "h1",
                "actor": "sponsor",
                "organisation": "kyoto-sponsor",
                "kind": "temporary_halt",
                "scope": "enrolment",
                "benefit_risk": True,
                "decided": _ON,
                "why": {"ja": "安全性情報の評価のため", "en": "To assess news on safety"},
            }
        },
        "lift-halt": {"halt": "h1", "basis": "authorised_modification", "application": "sm-1", "on": _ON},
        "take-urgent-measure": {
            "measure": {"ja": "用量を半分にした", "en": "The dose was halved"},
            "told": {"date": "2026-11-21"},
            "on": _ON,
        },
        "order-corrective-measure": {"measure": "m1", "kind": "suspend", "immediate": True, "on": _ON},
        "expire-permission": {"cause": "no start of the trial was told within two years", "on": _ON},
        "end": {"kind": "normal", "on": _ON},
        "leave": {"why_left": "dropped", "on": _ON},
        "correct-event": {"reason": "the day was misread", "corrects": 3, "on": {"date": "2026-11-19"}},
    }
)
