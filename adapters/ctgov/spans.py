"""Finds the studies in a document of ClinicalTrials.gov: one, a list, a page of an answer, or one on each line."""

from typing import Final

from adapters.scanning.json_spans import Form

STUDIES: Final = Form(record="study", member="studies")
