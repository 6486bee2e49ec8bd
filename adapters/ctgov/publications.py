"""Results, publications, pages and documents of a study. TRDS item 23."""

from collections.abc import Iterator
from urllib.parse import quote

from adapters.ctgov import codes, markup
from adapters.ctgov.adverse_events import adverse_events
from adapters.ctgov.parties import REGISTRY
from adapters.ctgov.results import baseline, outcome_measures, participant_flow
from adapters.cursor import Cursor
from events.identifiers.registries import REGISTRIES
from events.schemas.registration import Reference, Results


def page_of(number: str) -> str:
    """The public page of a study."""
    return REGISTRIES[REGISTRY].address.format(number=number)


def results(study: Cursor, number: str) -> Results:
    """The places of the results, and their tables as texts."""
    protocol = study.at("protocolSection")
    has_results = study.at("hasResults").flag()
    urls = [f"{page_of(number)}?tab=results"] if has_results else []
    for item in protocol.at("referencesModule").each("references"):
        pmid = item.at("pmid").peek()
        if item.at("type").peek() == "RESULT" and pmid.isdigit():
            urls.append(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/")
    document, section = _protocol(study), study.at("resultsSection")
    return Results(
        posted=_posted(protocol.at("statusModule"), has_results),
        # An empty list means that the source states that there are none; without that statement it is unknown.
        urls=tuple(urls) if urls or has_results is not None else None,
        baseline=baseline(section.at("baselineCharacteristicsModule")),
        participant_flow=participant_flow(section.at("participantFlowModule")),
        adverse_events=adverse_events(section.at("adverseEventsModule")),
        outcome_measures=outcome_measures(section),
        protocol_url=_file(document, number) if document else None,
        protocol_date=document.at("date").date() if document else None,
    )


def _posted(status: Cursor, has_results: bool | None) -> str | None:
    """The first posting of results that are still there. Withdrawn results are not posted."""
    return None if has_results is False else status.at("resultsFirstPostDateStruct", "date").date()


def _documents(study: Cursor) -> list[Cursor]:
    return study.at("documentSection", "largeDocumentModule").each("largeDocs")


def _protocol(study: Cursor) -> Cursor | None:
    """The first document that contains the protocol."""
    for document in _documents(study):
        if document.at("hasProtocol").value is True and document.at("filename").peek().strip():
            document.at("hasProtocol").keep()
            return document
    return None


def _file(document: Cursor, number: str) -> str:
    filename = document.at("filename").peek().strip()
    return f"https://cdn.clinicaltrials.gov/large-docs/{number[-2:]}/{number}/{quote(filename)}"


def references(study: Cursor, number: str) -> Iterator[Reference | None]:
    """Publications, notices of retraction, pages, shared data and documents."""
    module = study.at("protocolSection", "referencesModule")
    for item in module.each("references"):
        yield from _publication(item)
    for link in module.each("seeAlsoLinks"):
        yield _page("see_also", link, "label")
    for shared in module.each("availIpds"):
        yield _page("available_ipd", shared, "type")
    for document in _documents(study):
        yield _document(document, number)


def _publication(item: Cursor) -> Iterator[Reference]:
    pmid, citation = item.at("pmid").text(), item.at("citation").prose()
    if pmid or citation:
        yield Reference(kind=item.at("type").word(codes.REFERENCE), citation=citation, pmid=pmid)
    for notice in item.each("retractions"):
        pmid, source = notice.at("pmid").text(), notice.at("source").prose()
        if pmid or source:
            yield Reference(kind="retraction", citation=source, pmid=pmid)


def _page(kind: str, item: Cursor, label: str) -> Reference | None:
    url, text, comment = item.at("url").text(), markup.line(item.at(label)), markup.prose(item.at("comment"))
    if number := item.at("id").text():
        text = f"{text or ''} ({number})".strip()
    return Reference(kind=kind, url=url, label=text, citation=comment) if url or text or comment else None


def _document(item: Cursor, number: str) -> Reference | None:
    if item.at("filename").text() is None:
        item.give_back("a document without a file")
        return None
    kind, label = item.at("typeAbbrev").text(), item.at("label").text()
    return Reference(kind=kind, url=_file(item, number), label=label)
