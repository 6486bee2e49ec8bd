"""What an aggregate declares: it is refused where it can't be offered, and says which part a command is on."""

import pytest

from registry.api.offered import OFFERED, with_part
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.catalogue import DECLARED, is_numbered
from registry.domain.decider import Command, Decider, Rejection
from registry.domain.permissions import ONLY_CONSOLE, REGISTRY
from registry.domain.trial import commands as do
from tests.support.trials import site

NOTHING: Decider[None] = Decider(None, lambda *_: None, lambda *_: None)


class Paint(Command):
    """Stands for a command of another aggregate."""


@pytest.mark.parametrize(
    ("collection", "declared"),
    [
        ("", CommandType("toy.paint", Paint, REGISTRY)),
        ("toys", CommandType("wheel.paint", Paint, REGISTRY, part_at=("wheel",))),
    ],
)
def test_a_command_for_http_without_an_address_is_refused(collection: str, declared: CommandType) -> None:
    with pytest.raises(ValueError, match=f"^{declared.name} would have no address"):
        Aggregate("toy", NOTHING, (declared,), collection=collection)


def test_a_command_of_the_console_needs_no_address() -> None:
    assert Aggregate("toy", NOTHING, (CommandType("toy.paint", Paint, ONLY_CONSOLE),)).collection == ""


def test_a_command_says_which_part_it_is_on() -> None:
    parts = {
        model: DECLARED[model][1].part_of(command)
        for model, command in (
            (do.OpenSite, do.OpenSite(site="kyoto", on="2026-11-20")),
            (do.AddSite, do.AddSite(site=site("osaka"))),
            (do.PublishTrial, do.PublishTrial()),
        )
    }

    assert parts == {do.OpenSite: "kyoto", do.AddSite: "osaka", do.PublishTrial: None}


def test_the_part_of_the_address_is_put_into_the_body_and_may_not_be_another() -> None:
    assert with_part((), {"on": 1}, "") == {"on": 1}
    assert with_part(("site",), {"on": 1}, "kyoto") == {"on": 1, "site": "kyoto"}
    assert with_part(("site", "site"), {}, "kyoto") == {"site": {"site": "kyoto"}}
    assert with_part(("site", "site"), {"site": {"name": 1}}, "kyoto") == {"site": {"name": 1, "site": "kyoto"}}
    assert with_part(("site", "site"), {"site": 7}, "kyoto") == {"site": 7}
    for at, body, field in (
        (("site",), {"site": "osaka"}, "/site"),
        (("site", "site"), {"site": {"site": "osaka"}}, "/site/site"),
    ):
        with pytest.raises(Rejection) as refused:
            with_part(at, body, "kyoto")
        [fault] = refused.value.faults
        assert (fault.rule, fault.field) == ("site-contradicted", field)


def test_two_commands_carry_a_new_number() -> None:
    assert {model for model in DECLARED if is_numbered(model)} == {do.PublishTrial, do.AdoptTrial}
    assert not is_numbered(Paint)


def test_no_two_commands_share_an_address_or_a_name_in_the_metrics() -> None:
    assert len({one.path for one in OFFERED}) == len({one.label for one in OFFERED}) == len(OFFERED)
