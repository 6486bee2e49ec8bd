"""Events of persons whose data is sealed. Streams are `person/{person id}`."""

from events.schemas.values import Payload


class PersonForgotten(Payload):
    """The person's key is destroyed, and so are the keys of the documents they appear in."""
