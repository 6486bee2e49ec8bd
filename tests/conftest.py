"""Registers the plugins of tests/support."""

from hypothesis import HealthCheck, settings

# A busy machine makes an example slow, not wrong.
settings.register_profile("registry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("registry")

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.logs",
    "tests.support.node",
    "tests.support.postgres",
]
