"""A run against the truth of its demo, table by table. An oracle: it imports nothing of `pipeline`.

    fabriques demo demo && fabriques run --sources demo/sources.toml --home var && python -m tests.oracle demo var [RELEASE]

prints what each comparison finds and what it lacks, and leaves with 1 when anything differs.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

RESERVED, OUTSIDE = "fdt-11", "hors-programme-fdt-11"
UNATTACHED = "non_rattache"
ALL = "ensemble"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """What a run has and the truth does not (`extra`), and the reverse (`missing`), each as often as it does. `rows`: how many are true."""

    name: str
    rows: int
    extra: tuple[Row, ...]
    missing: tuple[Row, ...]

    def __bool__(self) -> bool:
        return bool(self.extra or self.missing)


def difference(name: str, found: Iterable[Row], true: Iterable[Row]) -> Difference:
    has, wanted = Counter(found), Counter(true)
    extra, missing = (has - wanted).elements(), (wanted - has).elements()
    return Difference(name, wanted.total(), *(tuple(sorted(rows, key=str)) for rows in (extra, missing)))


def truth(demo: Path, table: str) -> list[dict[str, str]]:
    with (demo / "verite" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def private(home: Path, table: str) -> list[dict[str, Any]]:
    return pl.read_parquet(home / "prive" / f"{table}.parquet").to_dicts()


def public(release: Path, table: str) -> list[dict[str, Any]]:
    return pl.read_parquet(release / "parquet" / f"{table}.parquet").to_dicts()


def _files(home: Path) -> Mapping[str, str]:
    return {row["livraison"]: row["fichier"] for row in private(home, "ingest/livraisons")}


def _planted(demo: Path, stage: str) -> Iterator[Row]:
    for row in truth(demo, "defauts"):
        if row["etape"] == stage:
            yield row["fichier"], row["table"], int(row["ligne"]), row["champ"], row["regle"]


def _told(home: Path, table: str) -> Iterator[Row]:
    files = _files(home)
    for row in private(home, table):
        yield files[row["livraison"]], row["table"], row["ligne"], row["champ"] or "", row["regle"]


def rejections(demo: Path, home: Path) -> Difference:
    """Every rejected line with its reason: file, table, line, field, rule."""
    return difference("lignes rejetées", _told(home, "validate/motifs"), _planted(demo, "validate"))


def anomalies(demo: Path, home: Path) -> Difference:
    """Every anomaly: file, table, line, field, rule."""
    return difference("anomalies", _told(home, "model/anomalies"), _planted(demo, "model"))


def deliveries(demo: Path, home: Path) -> Difference:
    """Of each delivery: lines received, accepted, rejected, replaced by a later one."""
    counts = {row["livraison"]: row["lignes_remplacees"] for row in private(home, "model/livraisons_effectives")}
    names = ("lignes_recues", "lignes_acceptees", "lignes_rejetees")
    found = [(row["fichier"], *(row[name] for name in names), counts[row["livraison"]]) for row in private(home, "validate/livraisons")]
    wanted = ("recues", "acceptees", "rejetees", "remplacees")
    return difference("livraisons", found, [(row["fichier"], *(int(row[name]) for name in wanted)) for row in truth(demo, "livraisons")])


def accounts(demo: Path, home: Path) -> Difference:
    """Committed, paid and remaining, by place and year, to the cent; an absent amount is not zero."""
    found = private(home, "evaluate/financements")
    return difference("comptes", (_account(row, "lieu") for row in found), _true_accounts(demo, {"oui", "non"}))


def _account(row: Mapping[str, Any], place: str) -> Row:
    amounts = (row["engage"], row["verse"], row["reste"])
    return row[place] or UNATTACHED, int(row["exercice"]), *(None if amount is None else _cents(amount) for amount in amounts)


def _cents(amount: object) -> int:
    return round(Decimal(str(amount)) * 100)


def _true_accounts(demo: Path, public_or_not: set[str]) -> list[Row]:
    """The true accounts; what is reserved is in one row with what is not where the place is not known."""
    summed: dict[tuple[str, int], list[int | None]] = {}
    for row in truth(demo, "comptes"):
        if row["public"] in public_or_not:
            amounts = summed.setdefault((row["lieu"], int(row["exercice"])), [None, None, None])
            for place, name in enumerate(("engage", "verse", "reste")):
                if row[name]:
                    amounts[place] = (amounts[place] or 0) + _cents(row[name])
    return [(*key, *amounts) for key, amounts in summed.items()]


def counts(demo: Path, home: Path) -> Difference:
    """Applications and laureates by wave, region and territory class."""
    names = ("vague", "region", "classe", "candidatures", "laureats")
    found = (tuple(row[name] for name in names) for row in private(home, "evaluate/candidatures_comptees"))
    return difference("effectifs", found, ((OUTSIDE if wave == RESERVED else wave, *rest) for wave, *rest in _true_counts(demo)))


def _true_counts(demo: Path) -> list[Row]:
    return [
        (row["vague"], row["region"], row["classe"], int(row["candidatures"]), int(row["laureats"])) for row in truth(demo, "effectifs")
    ]


def waves(demo: Path, home: Path) -> Difference:
    """Awards and places known by wave of Fabriques, all of them those officially announced."""
    rows = [row for row in private(home, "evaluate/rapprochement") if row["vague"].startswith("fdt-")]
    found = [(row["vague"], row["attributions_connues"], row["lieux_connus"], row["etat"]) for row in rows]
    true = [row for row in truth(demo, "vagues") if row["vague"].startswith("fdt-") and row["public"] == "oui"]
    return difference("vagues", found, [(row["vague"], int(row["laureats"]), int(row["lieux"]), "complet") for row in true])


def places(demo: Path, home: Path) -> Difference:
    """Every place with an award, and whether its bearer is proved to be a legal person."""
    found = [(row["lieu"], row["statut_porteur"]) for row in private(home, "model/lieux") if row["attributions"]]
    return difference("lieux", found, [(row["lieu"], row["statut_porteur"]) for row in truth(demo, "lieux")])


PRIVATE: tuple[Callable[[Path, Path], Difference], ...] = (rejections, anomalies, deliveries, accounts, counts, waves, places)


def published_accounts(demo: Path, release: Path) -> Difference:
    """What is public of the accounts is exactly what no embargo covers."""
    found = [_account(row, "fabrique") for row in public(release, "financements")]
    labelled = {row["lieu"] for row in truth(demo, "lieux") if row["public"] == "oui"}
    kept = [row for row in _true_accounts(demo, {"oui"}) if row[0] in labelled]
    totals = [("total", *_totals(_true_accounts(demo, {"oui"})))]
    attached = [row for row in found if row[0] != UNATTACHED]
    return difference("comptes publiés", [*attached, ("total", *_totals(found))], [*kept, *totals])


def _totals(rows: Iterable[Row]) -> tuple[int, int]:
    rows = list(rows)
    return sum(row[2] or 0 for row in rows), sum(row[3] or 0 for row in rows)


KEEPING_BACK = {"lieux", "vagues"}


def published_anomalies(demo: Path, release: Path) -> Difference:
    """A number that is told is the number of breaches planted; in the registry and the waves, where lines may be kept back, no more."""
    planted = Counter((rule, table) for _, table, _, _, rule in _planted(demo, "model") if rule != "vague-inconnue")
    told = [row for row in public(release, "anomalies") if row["nombre"] is not None]
    found = [(row["regle"], row["table"], row["nombre"]) for row in told]
    true = [
        (rule, table, planted[rule, table] if table not in KEEPING_BACK else min(number, planted[rule, table]))
        for rule, table, number in found
    ]
    return difference("anomalies publiées", found, true)


def published_places(demo: Path, release: Path) -> Difference:
    """The places of the history, all of them and no other; the name of a bearer only where it is proved to be a legal person."""
    found = [(row["fabrique"], row["statut_porteur"], row["porteur"] is not None) for row in public(release, "fabriques")]
    true = [row for row in truth(demo, "lieux") if row["public"] == "oui"]
    return difference(
        "fabriques publiées", found, [(row["lieu"], row["statut_porteur"], row["statut_porteur"] == "personne_morale") for row in true]
    )


def published_counts(demo: Path, release: Path) -> Difference:
    """Every count that is told is true, margins included; every wave that may be told is told; none under embargo."""
    sums: Counter[tuple[str, str, str]] = Counter()
    chosen: Counter[tuple[str, str, str]] = Counter()
    for wave, region, kind, applications, laureates in _true_counts(demo):
        waves = (wave, ALL) if wave != RESERVED else (wave,)
        for key in {(told, place, name) for told in waves for place in (region, ALL) for name in (kind, ALL)}:
            sums[key] += applications
            chosen[key] += laureates
    found, true = [], []
    for row in public(release, "candidatures_agregees"):
        key = (row["vague"], row["region"], row["classe"])
        told = {"candidatures": sums[key], "laureats": chosen[key], "non_retenues": sums[key] - chosen[key]}
        for name, value in told.items():
            if row[name] is not None:
                found.append((*key, name, row[name]))
                true.append((*key, name, value))
    told_waves = {(row["vague"],) for row in public(release, "candidatures_agregees")}
    return difference("effectifs publiés", [*found, *told_waves], [*true, *({(key[0],) for key in sums if key[0] != RESERVED})])


PUBLIC: tuple[Callable[[Path, Path], Difference], ...] = (published_accounts, published_anomalies, published_places, published_counts)


def main(demo: Path, home: Path, release: Path | None = None) -> int:
    compared = [compare(demo, home) for compare in PRIVATE]
    compared += [compare(demo, release) for compare in PUBLIC] if release else []
    for one in compared:
        told = [f"{one.name} : {one.rows} attendus, {len(one.extra)} en trop, {len(one.missing)} manquants"]
        told += [f"  en trop : {row}" for row in one.extra] + [f"  manquant : {row}" for row in one.missing]
        sys.stdout.write("\n".join([*told, ""]))
    return int(any(compared))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
