"""Where the studies stand in what ClinicalTrials.gov gives out: one, a list, a page of an answer, or lines of them."""

from typing import Final

from adapters.scanning.json_spans import Form

STUDIES: Final = Form(record="study", member="studies")
