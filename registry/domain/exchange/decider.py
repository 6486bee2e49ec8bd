"""The record of an import: refusals as they come, then the receipt, and nothing after it."""

from dataclasses import dataclass

from events.schemas.exchange import ImportFinished, RecordsRefused, Refusal
from events.schemas.values import Payload, Value
from registry.domain.decider import Command, Context, Decider, Fault, Rejection


@dataclass(frozen=True, slots=True)
class Import:
    """How many records were refused so far, and whether the receipt is written."""

    refused: int = 0
    finished: bool = False


class RefuseRecords(Command):
    """Record that records could not be taken."""

    refusals: tuple[Refusal, ...]


class FinishImport(Command):
    """Write the receipt."""

    receipt: ImportFinished


def decide(state: Import, command: Command, _: Context) -> Payload:
    """The event that follows; raises Rejection where the import is finished or its receipt does not add up."""
    if state.finished:
        raise Rejection(Fault("import-finished", "the receipt of this import is written"))
    match command:
        case RefuseRecords():
            return RecordsRefused(refusals=command.refusals)
        case FinishImport(receipt=receipt):
            if receipt.given != _fates(receipt):
                raise Rejection(Fault("receipt-wrong", "given is not new + changed + unchanged + older + refused"))
            if receipt.refused != state.refused:
                raise Rejection(Fault("receipt-wrong", f"{state.refused} refusals are recorded, not {receipt.refused}"))
            return receipt
        case _:
            raise TypeError(f"{type(command).__name__} is no command on an import")


def _fates(receipt: ImportFinished) -> int:
    return receipt.new + receipt.changed + receipt.unchanged + (receipt.older or 0) + receipt.refused


def evolve(state: Import, event: Value) -> Import:
    """The state after the event."""
    match event:
        case RecordsRefused():
            return Import(state.refused + len(event.refusals))
        case ImportFinished():
            return Import(state.refused, finished=True)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an import")


IMPORT: Decider[Import] = Decider(Import(), decide, evolve)
