"""The dated tables: every row cites something, a new procedure is one file, and no procedure is stricter than life."""

from datetime import date
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from events.schemas.applications import ApplicationKind, Step
from events.schemas.halts import HaltKind
from events.schemas.region_parts import RestartBasis
from registry.domain.regimes import tables
from registry.domain.regimes.rows import Procedure, Row
from registry.domain.regimes.tables import TABLES, procedures_in, read_tables, silence_of
from registry.domain.region import commands as do
from registry.domain.region.waiting import awaited
from tests.support.regions import Life, begun, day

TODAY = date(2026, 11, 29)
JOINT = ("avaref-joint", "reliance", "shared-review-a", "shared-review-b", "shared-review-c", "work-sharing")
EARLIER = """
procedure = "two-weeks"
regimes = []
kinds = ["initial"]
joint = []
name = { en = "Consent after two weeks", ja = "二週間で同意とみなす手続" }
steps = [
  { kinds = ["initial"], step = "decision", who = "authority", days = 14, cites = "an invented law, Art 1" },
]
silence = [
  { kinds = ["initial"], step = "decision", until = "2025-12-31", result = "nothing", cites = "a law, Art 2" },
  { kinds = ["initial"], step = "decision", since = "2026-01-01", result = "authorised", cites = "a law, as amended" },
]
withdrawal = [
  { kinds = ["initial"], reach = "region", cites = "an invented law, Art 3" },
]
"""


def rows_of(procedure: Procedure) -> list[Row]:
    lists = [getattr(procedure, name) for name in type(procedure).model_fields]
    return [row for row in chain.from_iterable(one for one in lists if isinstance(one, tuple)) if isinstance(row, Row)]


@pytest.fixture
def with_another(tmp_path: Path) -> tables.Tables:
    """The tables with a procedure more, which is one file."""
    (tmp_path / "two-weeks.toml").write_text(EARLIER, "utf-8")
    return read_tables(files("registry.domain.regimes"), {**TABLES.procedures, **procedures_in(tmp_path)})


def test_a_new_procedure_is_one_file_and_no_code(with_another: tables.Tables) -> None:
    life = begun("CL", "national", "two-weeks", tables=with_another, ethics="within_decision")
    life.submit(on="2026-03-01")
    assert [(one.step, one.who) for one in awaited(life.region, with_another)] == [("decision", "authority")]
    life.do(do.SetDue, life.authority, step="decision", application="initial", due=day("2026-03-15"))

    assert life.do(do.NoteSilence, step="decision", application="initial", due=day("2026-03-15")).result == "authorised"
    assert life.stands == "permitted"


def test_a_running_application_keeps_the_rows_of_the_day_on_which_it_was_handed_in(
    with_another: tables.Tables,
) -> None:
    life = begun("CL", "national", "two-weeks", tables=with_another, ethics="within_decision")
    life.submit(on="2025-12-31")
    life.do(do.SetDue, life.authority, step="decision", application="initial", due=day("2026-01-14"))
    event = life.do(do.NoteSilence, step="decision", application="initial", due=day("2026-01-14"))

    assert (event.result, event.cites) == ("nothing", "a law, Art 2")
    assert life.stands == "under_review"


def test_a_procedure_stands_in_one_file_and_a_malformed_one_is_named(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(EARLIER, "utf-8")
    with pytest.raises(ValueError, match=r"b\.toml: two-weeks is there already"):
        procedures_in(tmp_path)
    (tmp_path / "b.toml").write_text(EARLIER.replace("cites", "quotes"), "utf-8")
    with pytest.raises(ValidationError, match="cites"):
        procedures_in(tmp_path)


def test_the_tables_have_what_the_reference_names() -> None:
    assert {*TABLES.procedures} >= {
        "eu-ctr",
        "jp-chiken",
        "jp-crb",
        "us-ind",
        "uk-combined",
        "parallel-national",
        *JOINT,
    }
    named = {row.regime for row in TABLES.regimes}
    assert {regime for one in TABLES.procedures.values() for regime in one.regimes} <= named
    assert all(rows_of(procedure) for procedure in TABLES.procedures.values())


@pytest.mark.parametrize("name", TABLES.procedures)
def test_every_step_that_waits_for_somebody_says_what_silence_means(name: str) -> None:
    procedure = TABLES.procedures[name]
    for row in procedure.steps:
        for kind in row.kinds or (None,):
            found = silence_of(procedure, row.step, kind, date(2026, 11, 29))
            assert found is not None, (row.step, kind)
            assert found.cites


def test_no_procedure_is_called_by_a_name_of_reviews_of_marketing_applications() -> None:
    for procedure in TABLES.procedures.values():
        text = " ".join([procedure.procedure, *procedure.name.by_language().values()]).casefold()
        assert "orbis" not in text
        assert "access" not in text


def test_each_country_is_asked_for_its_own_documents_and_contradictions_are_shown() -> None:
    """The six rows of W5: Italy, Ireland, Hungary, Luxembourg and Greece, and all others."""
    found = TABLES.contradictions(["IT", "IE", "HU", "LU", "GR", "JP"], TODAY)

    assert found == {
        ("any", "form"): {
            "scanned with an ink signature": ("IT",),
            "searchable, without a signature": ("IE",),
        },
        ("contract", "time of signature"): {
            "after approval": ("IT", "IE", "HU", "JP"),
            "before approval": ("LU", "GR"),
        },
    }
    assert TABLES.contradictions(["LU", "GR"], TODAY) == {}
    hungary = [(row.document, row.demand) for _, row in TABLES.demands(["HU"], TODAY)]
    assert ("protocol", "of all investigators") in hungary


@pytest.mark.parametrize("name", JOINT)
class TestJointReviews:
    """Facts of every joint review: it never replaces the own decision, and members go their own way (1.13, W13)."""

    def reviewed(self, name: str) -> Life:
        """A country of three that review together; its own committee acts beside."""
        shared = [{"step": "review", "lead": "KE", "members": ["KE", "GH", "MW"]}]
        life = begun("GH", "national", name, ethics="one_body_relied_on", joint_steps=shared)
        life.submit()
        return life

    def test_w13_an_approval_before_the_joint_meeting_is_taken(self, name: str) -> None:
        life = self.reviewed(name)
        life.do(do.GiveEthicsOpinion, life.ethics, application="initial", outcome="approved", on=day("2024-03-20"))
        event = life.decide(on="2024-04-01")

        assert life.stands == "permitted"
        assert event.odd == ("before_joint_conclusion",)

    def test_w13_a_committee_that_stays_out_and_a_country_that_leaves_hold_up_nobody_else(self, name: str) -> None:
        life = self.reviewed(name)
        note = {"application": "initial", "lead": "KE", "by": "authority-ke", "outcome": "acceptable"}
        life.do(do.NoteJointConclusion, **note, on=day("2024-05-01"))
        out = {"application": "initial", "ground": "own-decision", "on": day("2024-05-03")}
        life.do(do.OptOutOfConclusion, life.authority, **out)

        assert life.stands == "refused"
        assert life.region.opinions == ()

    def test_w13_extra_national_steps_in_the_usual_order_are_taken(self, name: str) -> None:
        life = self.reviewed(name)
        life.do(do.GiveEthicsOpinion, life.ethics, outcome="changes_required", on=day("2024-03-20"))
        life.do(do.GiveEthicsOpinion, life.ethics, outcome="approved", on=day("2024-04-20"))
        life.do(do.ConcludeAssessment, life.authority, application="initial", part="national", outcome="acceptable",
                on=day("2024-05-20"))  # fmt: skip
        note = {"application": "initial", "lead": "KE", "by": "authority-ke", "outcome": "not_acceptable"}
        life.do(do.NoteJointConclusion, **note, on=day("2024-06-01"))
        life.decide(on="2024-06-20")

        assert life.stands == "permitted", "a joint no binds nobody here: each country decides"
        assert len(life.region.opinions) == 2


NOW_HALTED: list[tuple[str | None, HaltKind, bool | None, str]] = [
    ("eu-ctr", HaltKind.TEMPORARY_HALT, False, "notice"),
    ("eu-ctr", HaltKind.TEMPORARY_HALT, True, "authorised_modification"),
    ("eu-ctr", HaltKind.TEMPORARY_HALT, None, "authorised_modification"),
    ("eu-ctr", HaltKind.SUSPENSION, None, "authority_reversal"),
    (None, HaltKind.TEMPORARY_HALT, True, "own_word"),
    (None, HaltKind.INTERRUPTION, None, "own_word"),
    ("jp-crb", HaltKind.EMERGENCY_ORDER, None, "opinion_and_plan"),
    ("jp-crb", HaltKind.INSTITUTION_MEASURE, None, "own_word"),
    ("national", HaltKind.ETHICS_STOP, None, "new_opinion"),
]


@pytest.mark.parametrize(("regime", "kind", "benefit_risk", "basis"), NOW_HALTED)
def test_the_row_that_fits_best_says_what_a_restart_needs(
    regime: str | None, kind: HaltKind, benefit_risk: bool | None, basis: str
) -> None:
    assert TABLES.restart(regime, kind, benefit_risk, TODAY) is RestartBasis(basis)


@pytest.mark.parametrize("kind", HaltKind)
def test_every_kind_of_halt_has_a_restart_under_every_regime(kind: HaltKind) -> None:
    for regime in {row.regime for row in TABLES.regimes}:
        assert TABLES.restart(regime, kind, None, TODAY) is not None, regime


def test_a_row_holds_between_its_days_and_not_outside() -> None:
    row = Row(since="2026-04-27", until="2027", cites="x")
    days = ("2026-04-26", "2026-04-27", "2027-12-31", "2028-01-01")

    assert [row.holds(date.fromisoformat(one)) for one in days] == [False, True, True, False]


def test_a_filing_that_only_changes_what_is_permitted_permits_no_region() -> None:
    europe, japan = begun(), begun("JP", "jp-chiken", "jp-chiken")
    for life in (europe, japan):
        life.submit("n", kind="notification")
        filed: dict[str, Any] = {"how": "filed", "law": "x", "application": "n", "on": day("2024-03-05")}
        life.do(do.RecordPermission, **filed)

    assert (europe.stands, japan.stands) == ("planned", "permitted")
    assert (ApplicationKind.NOTIFICATION, Step.WAITING_PERIOD) not in {
        (kind, row.step) for row in TABLES.procedures["jp-chiken"].steps for kind in row.kinds
    }


def test_where_no_filing_is_enough_a_permission_is_decided() -> None:
    life = begun()
    life.submit()
    filed = {"how": "filed", "law": "x", "application": "initial", "on": day("2024-03-05")}

    assert life.refused(do.RecordPermission, **filed) == {"filing-not-enough"}
    assert life.refused(do.RecordPermission, how="filed", law="x", on=day("2024-03-05")) == {"application-missing"}
