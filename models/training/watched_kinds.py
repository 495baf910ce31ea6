"""Kinds of benign text that models took for harm before: their flag rates are shown by name, however few documents they have."""
from corpus import Document

_BATTLE_GAMES = frozenset((
    'DungeonsAndDragons', 'Battlefield', 'battlefield_4', 'badcompany2', 'GlobalOffensive', 'GearsOfWar', 'Halo4', 'killingfloor',
    'Planetside', 'Xcom', 'mwo', 'wow', 'Diablo', 'starcraft2', 'projectzomboid', 'residentevil', 'fireemblem', 'starcitizen',
    'AllThingsTerran', 'allthingszerg', 'ns2', 'Awesomenauts', 'truegaming', 'pcgaming', 'paintball'))

KINDS = {
    'Arabic posts': lambda d: d.source == 'arsarcasm',
    'Urdu posts': lambda d: d.source == 'urdu',
    'Persian sentences': lambda d: d.lang == 'fa',
    'scripture': lambda d: d.source == 'quran_json',
    'sermons': lambda d: d.source == 'sermons_licrc',
    'battle talk in games': lambda d: d.source == 'crd3_dnd' or (d.source == 'reddit_top25m' and d.unit.split('|')[0] in _BATTLE_GAMES),
}


def kinds_of(document: Document) -> list[str]:
    """Names of the kinds that a benign document is of."""
    return [name for name, is_of_kind in KINDS.items() if is_of_kind(document)]
