"""The command line: one more node on the same log."""

__all__ = ["main"]


def main() -> None:
    """The console command `registry`."""
    # A child process imports this module again (multiprocessing's spawn), and needs no commands.
    from registry.cli.app import main as run

    run()
