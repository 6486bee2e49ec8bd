"""Registers of which one record is one country's part of a trial: WHO has a row of the EU register for each country."""

from events.identifiers import identify


def region_of(record: str | None, number: str) -> str | None:
    """The country whose part of a trial a sender's record is: `AT` of `EUCTR2015-001234-17-AT`; None of a whole trial.

    `record` is the record's number as the sender writes it, `number` the trial's own. Codes for countries outside the
    union are WHO's, `3rd` or `Outside-EU/EEA`.
    """
    known = identify(record) if record else None
    return known.country if known and known.number == number else None
