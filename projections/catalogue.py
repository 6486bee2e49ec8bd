"""All views, and the program that they make."""

from typing import Final

from projections.engine.program import Program
from projections.views.history.project import VIEW as HISTORY
from projections.views.record.project import VIEW as RECORD
from projections.views.search.project import VIEW as SEARCH

REVISION: Final = 12
"""Raised when the same events come to make other rows, so that views made before are refused until rebuilt."""
VIEWS: Final = (RECORD, HISTORY, SEARCH)
"""In the order in which statements touch their tables, so that a swap and a reader never wait for each other."""
PROGRAM: Final = Program(VIEWS, REVISION)
