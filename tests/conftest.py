"""Registers the plugins of tests/support."""

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.logs",
    "tests.support.node",
    "tests.support.postgres",
]
