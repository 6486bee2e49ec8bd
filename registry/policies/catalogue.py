"""Every policy. One that is not listed here does nothing."""

from importlib import import_module
from typing import Final

from registry.domain.catalogue import DECIDERS
from registry.policies.policy import Policy

MODULES: Final = ("regions", "programme_gates", "region_gates", "joint_conclusions", "joint_ends", "silence")
"""The modules of `registry/policies` that declare a policy, each in its `POLICY`."""

POLICIES: Final[tuple[Policy, ...]] = tuple(import_module(f"{__package__}.{module}").POLICY for module in MODULES)

if len({one.name for one in POLICIES}) != len(POLICIES) or not {one.category for one in POLICIES} <= {*DECIDERS}:
    raise TypeError("two policies share a name, or one reacts to a category that no aggregate has")
