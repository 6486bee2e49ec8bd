"""Declaration of the aggregate for imports: only the console imports; the registry and regulators read the receipts."""

from typing import Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.exchange.decider import IMPORT, FinishImport, RefuseRecords
from registry.domain.permissions import AUTHORITY, ONLY_CONSOLE

AGGREGATE: Final = Aggregate(
    category="import",
    decider=IMPORT,
    readers=AUTHORITY,
    commands=(
        CommandType("import.refuse-records", RefuseRecords, ONLY_CONSOLE),
        CommandType("import.finish", FinishImport, ONLY_CONSOLE),
    ),
)
