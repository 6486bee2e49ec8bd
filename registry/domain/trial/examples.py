"""Examples of bodies of a trial's commands, for the documentation. Trial, organisations and persons are invented."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

REGISTRATION: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "public_title": {
            "ja": "2型糖尿病に対する運動療法アプリの効果を調べる研究",
            "en": "A study of an exercise application for people with type 2 diabetes",
        },
        "acronym": "ARUKU-T2D",
        "scientific_title": {
            "ja": "2型糖尿病患者を対象とした運動療法支援アプリの有効性を検証する多施設共同無作為化比較試験",
            "en": "A multicentre randomised controlled trial of an application supporting exercise in type 2 diabetes",
        },
        "identifiers": [{"value": "ARUKU-2026-01", "kind": "sponsor"}],
        "funders": [{"name": {"ja": "架空医療研究財団", "en": "Imaginary Medical Research Foundation"}}],
        "primary_sponsor": {"name": {"ja": "例示大学病院", "en": "Example University Hospital"}, "kind": "academic"},
        "contacts": [
            {
                "role": "public",
                "affiliation": {"ja": "例示大学病院 臨床研究支援室", "en": "Example University Hospital, Trial Office"},
                "person": {
                    "name": {"ja": "見本 花子", "en": "Hanako Mihon"},
                    "telephone": "+81-3-0000-0000",
                    "email": "trial-office@example.org",
                },
            },
            {
                "role": "scientific",
                "affiliation": {"ja": "例示大学病院 糖尿病内科", "en": "Example University Hospital, Diabetology"},
                "person": {"name": {"ja": "例示 太郎", "en": "Taro Reiji"}, "email": "t.reiji@example.org"},
            },
        ],
        "countries": ["JP"],
        "conditions": [
            {
                "name": {"ja": "2型糖尿病", "en": "Type 2 diabetes mellitus"},
                "codes": [{"system": "MeSH", "code": "D003924"}],
            }
        ],
        "interventions": [
            {"name": {"ja": "運動療法支援アプリ", "en": "Exercise support application"}, "kind": "behavioral"},
            {"name": {"ja": "通常診療", "en": "Usual care"}, "kind": "other"},
        ],
        "arms": [
            {"label": "A", "kind": "experimental", "interventions": ["Exercise support application", "Usual care"]},
            {"label": "B", "kind": "active_comparator", "interventions": ["Usual care"]},
        ],
        "eligibility": {
            "inclusion": {
                "ja": "HbA1cが7.0%以上9.0%未満の2型糖尿病の方",
                "en": "Type 2 diabetes with HbA1c from 7.0% to below 9.0%",
            },
            "exclusion": {"ja": "運動が禁忌である方", "en": "Exercise is contraindicated"},
            "minimum_age": {"value": 20, "unit": "years", "inclusive": True},
            "maximum_age": {"value": 75, "unit": "years", "inclusive": False},
            "sex": "all",
            "healthy_volunteers": False,
        },
        "study_type": "interventional",
        "design": {"allocation": "randomized", "model": "parallel", "purpose": "treatment", "masking": "none"},
        "phase": "not_applicable",
        "first_enrolment": {"date": "2026-12", "kind": "anticipated"},
        "planned_size": 240,
        "outcomes": [
            {
                "rank": "primary",
                "measure": {"ja": "HbA1cの変化量", "en": "Change in HbA1c"},
                "time_point": {"ja": "24週", "en": "24 weeks"},
            },
            {"rank": "secondary", "measure": {"ja": "体重の変化量", "en": "Change in body weight"}},
        ],
        "ethics_reviews": [
            {
                "status": "approved",
                "decided": "2026-10-05",
                "committee": {"ja": "例示大学倫理審査委員会", "en": "Example University Ethics Committee"},
            }
        ],
        "completion": {"date": "2028-03", "kind": "anticipated"},
        "data_sharing": {"plan": "undecided"},
        "research_aim": "optimisation_of_care",
        "legal_regime": "other",
    }
)
"""A registration that is complete for publication."""

SITE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "name": {"ja": "例示市民病院", "en": "Example City Hospital"},
        "organisation": "example-city-hospital",
        "place": {"city": "Sapporo", "region": "Hokkaido", "country": "JP", "latitude": "43.06", "longitude": "141.35"},
        "contacts": [
            {
                "role": "site",
                "person": {"name": {"ja": "架空 一郎", "en": "Ichiro Kaku"}, "telephone": "+81-11-000-0000"},
            }
        ],
    }
)

TRIAL: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "register": {"registration": dict(REGISTRATION)},
        "publish": {},
        "adopt": {"owner": "example-university"},
        "amend": {
            "reason": "Target size raised after the interim review",
            "registration": {"planned_size": 300},
        },
        "correct": {
            "reason": "The approval date was mistyped",
            "corrects": 1,
            "registration": {
                "ethics_reviews": [
                    {
                        "status": "approved",
                        "decided": "2026-10-15",
                        "committee": {"ja": "例示大学倫理審査委員会", "en": "Example University Ethics Committee"},
                    }
                ]
            },
        },
        "change-owner": {"reason": "The sponsor merged into another", "owner": "example-university"},
        "correct-event": {"reason": "The notice was dated a day late", "corrects": 7, "on": "2026-11-21"},
        "change-authorisation": {
            "reason": "Safety report under review",
            "to": "suspended_by_authority",
            "on": "2026-11-22",
        },
        "change-recruitment": {"to": "recruiting", "on": "2026-11-22"},
        "record-first-participant": {"on": "2026-11-22", "occurred_at": "2026-11-22T09:30:00+09:00"},
        "complete": {"on": "2026-11", "enrolled": 238},
        "discontinue": {
            "on": "2026-11-22",
            "why": {"ja": "登録が進まなかったため", "en": "Recruitment was too slow"},
        },
        "withdraw": {"on": "2026-11-22", "why": {"ja": "資金が得られなかったため", "en": "The funding fell through"}},
        "post-results": {
            "results": {
                "posted": "2026-11-22",
                "summary": {
                    "ja": "HbA1cは介入群で0.4ポイント低下した。",
                    "en": "HbA1c fell by 0.4 points in the intervention group.",
                },
            }
        },
    }
)
"""By the command's name on the wire."""

SITES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "add": {"site": dict(SITE)},
        "amend": {
            "reason": "The hospital moved",
            "amendment": {"place": {"city": "Sapporo", "region": "Hokkaido", "postcode": "060-0000", "country": "JP"}},
        },
        "identify": {"reason": "One hospital under two ids", "same_as": "example-city-hospital"},
        "change-authorisation": {"reason": "The site's filing was published", "to": "published", "on": "2026-11-22"},
        "open": {"on": "2026-11-22"},
        "pause": {"on": "2026-11-22", "why": {"ja": "担当者の交代のため", "en": "The coordinator is being replaced"}},
        "close": {"on": "2026-11-22"},
        "leave": {"on": "2026-11-22", "why": {"ja": "契約の終了", "en": "The contract ended"}},
        "verify": {"status": "recruiting", "on": "2026-11-22"},
        "report-enrolment": {"enrolled": 12, "on": "2026-11-22"},
        "correct-event": {"reason": "One participant was counted twice", "corrects": 9, "enrolled": 11},
        "record-milestone": {
            "milestone": "ethics_approved",
            "actual": "2026-11-22",
            "protocol_version": "2.0",
            "body": "example-ethics-committee",
            "stated_in": "Letter of the committee, 2026-11-22",
        },
        "correct-milestone": {"reason": "The letter was dated a day late", "corrects": 9, "actual": "2026-11-21"},
        "halt": {
            "reason": "Two serious events within a week",
            "halt": {
                "item": "halt-1",
                "actor": "investigator",
                "organisation": "example-city-hospital",
                "kind": "interruption",
                "scope": "enrolment",
                "benefit_risk": True,
                "decided": {"date": "2026-11-22"},
                "why": {"ja": "有害事象の調査のため", "en": "Adverse events are being looked into"},
            },
        },
        "lift-halt": {
            "reason": "The events had another cause",
            "item": "halt-1",
            "actor": "investigator",
            "organisation": "example-city-hospital",
            "lifted": {"date": "2026-11-25"},
        },
        "ask-take-back": {"of": 8},
        "decline-take-back": {"reason": "It names nobody", "of": 8},
    }
)
"""By the command's name on the wire; the site is named by the address."""
