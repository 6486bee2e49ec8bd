"""Events of texts under keys of their own. Streams are `text/{text id}`."""

from events.schemas.values import Payload


class TextTakenBack(Payload):
    """The text's key is destroyed, and so are the keys of the partners' documents that say it."""
