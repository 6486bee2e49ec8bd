"""Whether the terms on which a country takes part are known to the tables, and what follows from them."""

from collections.abc import Iterable

from events.schemas.region_parts import Resolved, Terms
from events.schemas.values import first_day
from registry.domain.decider import Fault, reject_if
from registry.domain.regimes.tables import Tables


def terms_possible(terms: Terms, table: str, tables: Tables) -> Iterable[Fault]:
    """The tables of the day know the regime and the procedure, and say what the terms leave open."""
    day = first_day(table)
    regime, procedure = tables.regime(terms.regime, day), tables.procedures.get(terms.procedure)
    if not terms.region.startswith(terms.country):
        yield Fault("country-differs", f"{terms.region} is no region of {terms.country}", "/terms/region")
    if regime is None:
        known = ", ".join(sorted({row.regime for row in tables.regimes}))
        yield Fault("regime-unknown", f"no regime {terms.regime} on {table} (regimes: {known})", "/terms/regime")
    elif regime.ethics is None and terms.ethics is None:
        yield Fault("ethics-missing", f"{terms.regime} leaves open whose ethics act counts; say it", "/terms/ethics")
    if procedure is None or (procedure.regimes and terms.regime not in procedure.regimes):
        fitting = [one for one in tables.procedures.values() if not one.regimes or terms.regime in one.regimes]
        known = ", ".join(one.procedure for one in fitting)
        message = f"no procedure {terms.procedure} under {terms.regime} (procedures: {known})"
        yield Fault("procedure-unknown", message, "/terms/procedure")


def resolve(terms: Terms, table: str, tables: Tables) -> Resolved:
    """The terms resolved by the tables of the day; raises Rejection if the tables do not have them."""
    reject_if(list(terms_possible(terms, table, tables)))
    regime = tables.regime(terms.regime, first_day(table))
    assert regime is not None, "what is unknown is refused"
    ethics = terms.ethics or regime.ethics
    assert ethics is not None, "what is left open is refused"
    return Resolved(table=table, ethics=ethics, publication=regime.publication)
