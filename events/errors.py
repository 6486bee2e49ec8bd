"""Errors whose message may quote a person's data, as a log line or an answer shows them."""


def kind_of(fault: BaseException) -> str:
    """The kind of an error, with PostgreSQL's code where there is one. Messages quote values, so they stay out."""
    code = getattr(fault, "sqlstate", None)
    return f"{type(fault).__name__} {code}" if code else type(fault).__name__
