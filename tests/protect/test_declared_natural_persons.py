"""What one line says of a natural person is not undone by its being rejected, or replaced since: a doubt masks."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import natural, policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.protect import chain

SIRET = "00077788800011"
NAME = "Fictif Gribouille"
PLACE = {"lieu": "lieu-0030", "nom": "La Grange d'essai"}
AWARD = {
    "vague": "1",
    "nom_lieu": "La Grange d'essai",
    "porteur": NAME,
    "siret_porteur": SIRET,
    "lieu": "lieu-0030",
    "source_url": chain.PAGE,
}
LEGAL = {"forme_juridique": "association"}
AGREEMENT = {
    **chain.CONVENTION,
    "nomBeneficiaire": NAME,
    "idBeneficiaire": SIRET,
    "formeJuridiqueBeneficiaire": "association",
    "objet": "x",
}
GRANT = {"nomAttribuant": "Région fictive", "nomBeneficiaire": NAME, "idBeneficiaire": SIRET, "montant": "3.00", "exercice": 2023}
GRANT |= {"formeJuridiqueBeneficiaire": "association"}
PAYMENT = {"numero_ej": "2155555555", "siret": SIRET, "fournisseur_paye": NAME, "montant_paye": "9.00", "exercice": 2023}
TABLES: dict[str, list[dict[str, object]]] = {
    **chain.PROGRAMME,
    "resultats": [*chain.PROGRAMME["resultats"], AWARD | LEGAL],
    "lieux": [*chain.PROGRAMME["lieux"], PLACE],
    "conventions": [*chain.PROGRAMME["conventions"], AGREEMENT | {"idConvention": "C-30", "numeroEJ": "2155555555"}],
    "subventions": [*chain.PROGRAMME["subventions"], GRANT],
    "versements": [*chain.PROGRAMME["versements"], PAYMENT],
}


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            "candidatures",
            {"vague": "1", "decision": "peut-être", "porteur": NAME, "siret_porteur": SIRET, "forme_juridique": "micro-entrepreneur"},
        ),
        ("resultats", AWARD | {"forme_juridique": "Entreprise individuelle"}),
        ("conventions", AGREEMENT | {"formeJuridiqueBeneficiaire": "EI"}),
        ("lieux", PLACE | {"porteur": NAME, "siren": SIRET[:9], "forme_juridique": "profession libérale"}),
    ],
)
def test_a_natural_person_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, line: dict[str, object], blocks: Blocks
) -> None:
    frames = chain.sources(tmp_path, TABLES)
    delivered = chain.delivered(frames)
    named = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    assert named.tables["attributions"].filter(pl.col("porteur") == NAME).height == 1  # an association, for all that is known
    former = pl.LazyFrame([{"livraison": f"{table}-999999999999", "ligne": 2, **line}]).cast(pl.String)
    delivered[table] = pl.concat([delivered[table].cast(pl.String), former], how="diagonal").cast({"ligne": pl.UInt32})
    made = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    said = {str(cell) for frame in made.tables.values() for column in frame for cell in column.unique().drop_nulls()}
    assert not {NAME, SIRET, SIRET[:9], "La Grange d'essai"} & said
    assert audit(made.tables, made.account, frames, delivered, chain.AS_OF).motifs == ()
    monkeypatch.setattr(natural, "sirens", lambda *_: pl.Series([], dtype=pl.String).implode())
    leaking = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    motifs = audit(leaking.tables, leaking.account, frames, delivered, chain.AS_OF).motifs
    for field in ("attributions.porteur", "conventions.siret_beneficiaire", "subventions.id_beneficiaire", "versements.siret_beneficiaire"):
        blocks(f"a line of {table} that says a natural person, forgotten: {field}", f"{field} : le n", motifs)
