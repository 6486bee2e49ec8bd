"""The invented hospitals: two in each prefecture and a few abroad, as sites of trials."""

from itertools import count

from events.schemas.degrees import degrees
from events.schemas.trial import Place, Site
from events.schemas.values import Text
from registry.demo.draw import Draw
from registry.demo.world import Abroad, Prefecture, Words, World

IN_EACH_PREFECTURE = 2


def in_japan(world: World) -> tuple[tuple[Site, ...], ...]:
    """The hospitals of each prefecture, in the order of the prefectures."""
    words = world.organisations.hospital_words
    return tuple(
        tuple(
            _hospital(world, prefecture, words[(3 * number + 5 * each) % len(words)])
            for each in range(IN_EACH_PREFECTURE)
        )
        for number, prefecture in zip(count(), world.prefectures, strict=False)
    )


def _hospital(world: World, prefecture: Prefecture, word: Words) -> Site:
    name = f"{prefecture.en}-{word.en}".lower()
    kind = Draw(name).pick("kind", world.organisations.hospital_kinds)
    return Site(
        site=name,
        organisation=name,
        name=Text(ja=f"{prefecture.ja}{word.ja}{kind.ja}", en=f"{prefecture.en} {word.en} {kind.en}"),
        place=Place(
            city=prefecture.city,
            region=prefecture.en,
            country="JP",
            latitude=degrees(prefecture.latitude),
            longitude=degrees(prefecture.longitude),
        ),
    )


def abroad(world: World) -> tuple[Site, ...]:
    """The hospitals outside Japan."""
    return tuple(_abroad(hospital) for hospital in world.organisations.abroad)


def _abroad(hospital: Abroad) -> Site:
    name = hospital.en.lower().replace(" ", "-")
    return Site(
        site=name,
        organisation=name,
        name=Text(en=hospital.en),
        place=Place(
            city=hospital.city,
            country=hospital.country,
            latitude=degrees(hospital.latitude),
            longitude=degrees(hospital.longitude),
        ),
    )
