"""Ethics bodies: the shapes that their acts have by law, and what may come of an act."""

from enum import StrEnum


class EthicsShape(StrEnum):
    """Whose act a site waits for. A regime has one shape; see the coordination reference, 1.15."""

    WITHIN_DECISION = "within_decision"
    """Inside the national decision (European Union, the United Kingdom's combined review)."""
    ONE_BODY_AND_HEADS = "one_body_and_heads"
    """One body for the whole study, and the permission of each head of institution (Japan, Clinical Trials Act)."""
    PER_INSTITUTION = "per_institution"
    """One act per institution, by a body of its own or one shared by contract (Japan, 治験; a local IRB in the US)."""
    ONE_BODY_RELIED_ON = "one_body_relied_on"
    """One body, on which institutions rely by agreement (single IRB in the US)."""


class EthicsOutcome(StrEnum):
    """What may come of an ethics act. ICH E6(R3), and the words of Japan's ordinances beside."""

    APPROVED = "approved"
    CHANGES_REQUIRED = "changes_required"
    """Changes are required before approval."""
    DISAPPROVED = "disapproved"
    NOT_SUITABLE_TO_CONTINUE = "not_suitable_to_continue"
    """A continuing review ended an earlier approval."""
