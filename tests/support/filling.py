"""Values that a JSON Schema allows, with hostile texts, up to its bounds: every field of a model is reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.support.hostile import KINDS

DATES: Final = ("0001-01-01", "1066", "1999-12", "2024-02-29", "2026-11-22", "9999-12-31", "9999")
TIMES: Final = ("1900-01-01T00:00:00Z", "2026-11-22T09:30:00+09:00", "2026-11-22T00:30:00.123456Z")
PATTERNED: Final[Mapping[str, Sequence[str]]] = {
    "(/[A-Za-z0-9_+-]+)": ("Asia/Tokyo", "Pacific/Apia", "America/Argentina/Buenos_Aires"),
    "[A-Z]{2}": ("JP", "US", "XX", "ZZ", "KR"),
    "[0-9]{4}": DATES,
    "{0,18}[1-9]": ("0", "-89.5", "35.000000000000000001"),
    "A-Za-z0-9": ("a", "kyoto-hp", "A" + "b.-_9" * 12),
}
"""Values for texts with a pattern, by what the pattern holds."""
LEAST: Final = 3
MAP_NAMES: Final = ("a", "registry2", "x" * 32)
"""Keys of maps: names of partners, and of their fields."""
DEEPEST: Final = 6
"""Levels of the JSON in a map: more would make it large, and no other."""


@dataclass
class Filling:
    """Fills schemas with values; `room` is how many characters all texts together may still have.

    `chance`: how likely a field that may be absent is there. `kinds`: of which texts are made.
    """

    random: Random
    schemas: Mapping[str, Any]
    kinds: Sequence[str]
    room: int
    chance: float
    most: int
    """Items of a list."""
    sizes: Sequence[float] = field(default=(0.0, 0.0, 0.05, 0.3, 1.0))
    """Shares of its bound that a text takes."""

    def fill(self, schema: Mapping[str, Any]) -> Any:
        """A value of the schema."""
        if "$ref" in schema:
            bounds = {name: one["maxLength"] for name, one in schema.get("properties", {}).items()}
            return self._object(self.schemas[schema["$ref"].rpartition("/")[2]], bounds)
        if "anyOf" in schema and "properties" not in schema:
            chosen = self.random.choice([one for one in schema["anyOf"] if one.get("type") != "null"])
            return self.fill({**chosen, "bound": schema["bound"]} if "bound" in schema else chosen)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        return self._plain(schema)

    def _plain(self, schema: Mapping[str, Any]) -> Any:
        match schema["type"]:
            case "object":
                return self._object(schema, {})
            case "array":
                return self._list(schema)
            case "string":
                return self._text(schema)
            case "boolean":
                return self.random.random() < 0.5
            case "integer":
                low, high = schema.get("minimum", 0), schema.get("maximum", 2**31)
                return self.random.choice([low, high, self.random.randint(low, high)])
            case "number":
                low, high = schema["minimum"], schema["maximum"]
                return self.random.choice([low, high, 1e-300, -0.0, self.random.uniform(low, high)])
            case unknown:
                raise ValueError(f"no values of type {unknown}")

    def _object(self, schema: Mapping[str, Any], bounds: Mapping[str, int]) -> dict[str, Any]:
        if "enum" in schema:
            return self.fill(schema)  # type: ignore[no-any-return]
        if "properties" not in schema:
            return self._map(schema)
        properties = list(schema["properties"].items())
        self.random.shuffle(properties)
        wanted = {*schema.get("required", ()), *([self.random.choice(properties)[0]] if properties else ())}
        return {
            name: self.fill({**inner, "bound": bounds[name]} if name in bounds else inner)
            for name, inner in properties
            if name in wanted or (self.room > 0 and self.random.random() < self.chance)
        }

    def _map(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """An object whose keys the schema gives as a pattern, or of which it says nothing but that it is JSON."""
        [inner] = schema.get("patternProperties", {"": None}).values()
        names = self.random.sample(MAP_NAMES, self.random.randint(0, len(MAP_NAMES)))
        return {name: self._json(1) if inner is None else self.fill(inner) for name in names}

    def _json(self, depth: int) -> Any:
        """JSON as an extension may have it; in canonical JSON a number below 2**53 has no fraction."""
        makers: list[Callable[[], Any]] = [
            lambda: self._text({"type": "string", "maxLength": 2_000}),
            lambda: self.random.choice([0, 1, 1 - 2**53, 2**53 - 1]),
            lambda: self.random.random() < 0.5,
        ]
        if depth < DEEPEST and self.room > 0:
            makers += [
                lambda: [self._json(depth + 1) for _ in range(LEAST)],
                lambda: {name: self._json(depth + 1) for name in MAP_NAMES},
            ]
        return self.random.choice(makers)()

    def _list(self, schema: Mapping[str, Any]) -> list[Any]:
        count = min(schema.get("maxItems", 1_000), self.random.choice([0, 1, LEAST, self.most]))
        made: list[Any] = []
        while len(made) < count and (self.room > 0 or not made):
            made.append(self.fill(schema["items"]))
        return made

    def _text(self, schema: Mapping[str, Any]) -> str:
        if "date-time" in schema.get("format", ""):
            return self.random.choice(TIMES)
        for part, values in PATTERNED.items():
            if part in schema.get("pattern", ""):
                return self.random.choice(values)
        bound = schema.get("bound", schema.get("maxLength", 60))
        wanted = round(bound * self.random.choice(self.sizes)) or self.random.choice([1, 2, 12, 65])
        size = max(1, min(bound, wanted, max(self.room, LEAST)))
        self.room -= size
        return KINDS[self.random.choice(self.kinds)](self.random, size) or "x"
