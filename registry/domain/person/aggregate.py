"""Declaration of the aggregate for the forgetting of a person: only the console asks for it."""

from typing import Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.permissions import ONLY_CONSOLE
from registry.domain.person.decider import PERSON, ForgetPerson

AGGREGATE: Final = Aggregate(
    category="person",
    decider=PERSON,
    commands=(CommandType("person.forget", ForgetPerson, ONLY_CONSOLE),),
)
