"""Conditions, interventions and arms, with the MeSH terms that ClinicalTrials.gov's indexing ties to their names."""

from collections.abc import Callable

from adapters.ctgov import codes, markup
from adapters.cursor import Cursor, texts
from events.identifiers.mesh import mesh_id
from events.schemas.registration import Arm, Condition, Intervention
from events.schemas.values import Code, Text

Coding = Callable[[str], tuple[Code, ...] | None]


def conditions(study: Cursor) -> tuple[Condition, ...] | None:
    """TRDS item 12."""
    coding = _mesh(study.at("derivedSection", "conditionBrowseModule"))
    names = texts(study.at("protocolSection", "conditionsModule").each("conditions"))
    return tuple(Condition(name=Text(en=name), codes=coding(name)) for name in names or ()) or None


def interventions(study: Cursor) -> tuple[Intervention, ...] | None:
    """TRDS item 13."""
    coding = _mesh(study.at("derivedSection", "interventionBrowseModule"))
    found = []
    for item in study.at("protocolSection", "armsInterventionsModule").each("interventions"):
        name = item.at("name").text()
        if name is None:
            item.give_back("an intervention without a name")
            continue
        found.append(
            Intervention(
                name=Text(en=name),
                kind=item.at("type").word(codes.INTERVENTION),
                description=markup.english(item.at("description")),
                other_names=texts(item.each("otherNames")),
                codes=coding(name),
            )
        )
    return tuple(found) or None


def arms(study: Cursor, known: tuple[Intervention, ...] | None) -> tuple[Arm, ...] | None:
    """The arms, each with its interventions by the names the interventions have. Both sides' links are joined."""
    module = study.at("protocolSection", "armsInterventionsModule")
    names = {f"{codes.INTERVENTION_LABEL[one.kind]}: {one.name.en}": one.name.en for one in known or () if one.kind}
    links = _links(module)
    found = []
    for group in module.each("armGroups"):
        label = group.at("label").text()
        if label is None:
            group.give_back("an arm without a label")
            continue
        listed = [names.get(name) or name for name in texts(group.each("interventionNames")) or ()]
        found.append(
            Arm(
                label=label,
                kind=group.at("type").word(codes.ARM),
                description=markup.english(group.at("description")),
                interventions=tuple(dict.fromkeys(listed + links.get(label, []))) or None,
            )
        )
    return tuple(found) or None


def _links(module: Cursor) -> dict[str, list[str]]:
    """Arm label to the names of the interventions that refer to it."""
    labels = {group.at("label").peek().strip() for group in module.each("armGroups")} - {""}
    links: dict[str, list[str]] = {label: [] for label in labels}
    for item in module.each("interventions"):
        name = item.at("name").peek().strip()
        for reference in item.each("armGroupLabels") if name else ():
            label = reference.text()
            if label in links:
                links[label].append(name)
            elif label:
                reference.give_back("no arm has this label")
    return links


def _mesh(browse: Cursor) -> Coding:
    """The function from a name to its MeSH term: the name itself, or the term that the indexing found for it."""
    terms = {mesh.at("term").peek(): mesh for mesh in browse.each("meshes") if mesh.at("id").peek().strip()}
    found = {term.casefold(): (mesh, mesh) for term, mesh in terms.items() if term.strip()}
    for leaf in browse.each("browseLeaves"):
        mesh = terms.get(leaf.at("name").peek())
        if mesh is not None:
            found.setdefault(leaf.at("asFound").peek().casefold(), (mesh, leaf))

    def coding(name: str) -> tuple[Code, ...] | None:
        if name.casefold() not in found:
            return None
        mesh, leaf = found[name.casefold()]
        if leaf is not mesh:
            leaf.at("asFound").keep()
            leaf.at("name").keep()
        code, term = mesh.at("id").text(), mesh.at("term").text()
        return (Code(system="MeSH", code=mesh_id(code), term=Text(en=term)),) if code and term else None

    return coding
