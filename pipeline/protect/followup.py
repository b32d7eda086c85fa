"""What a place declares of a year, and accepts to see published: nothing else of the delivery is kept."""

import polars as pl

from pipeline import schema
from pipeline.protect.policy import Policy
from pipeline.protect.texts import HITS

MOTIF, STATUT = "_motif", "_statut"  # as `visibility` names them, which asks for this module

DECLARED, OPENED = "champs_publiables", "champs_ouverts"
UNDECLARED = "non_declare"


def without(rows: pl.DataFrame, waits: pl.Expr) -> pl.DataFrame:
    """The rows of `model/suivi`; where a place and year has lines that wait, what the model says of all its lines is said of the others."""
    year = ["lieu", "annee"]
    touched = rows.filter(pl.col("lieu").is_not_null()).join(rows.filter(waits).select(year).unique(), on=year, how="semi").filter(~waits)
    lines = touched.sort(pl.col("lieu_cite") != pl.col("lieu"), "livraison", "ligne").with_columns(
        pl.int_range(1, pl.len() + 1).over(year).cast(rows.schema["occurrence"]).alias("occurrence")
    )
    named = lines.select(*year, pl.col(DECLARED).str.split("|").list.unique().alias("champ")).explode("champ").drop_nulls("champ")
    common = (
        named.group_by(*year, "champ").len("n").join(lines.group_by(year).len("lignes"), on=year).filter(pl.col("n") == pl.col("lignes"))
    )
    fields = common.group_by(year).agg(pl.col("champ").sort().str.join("|").alias(OPENED))
    again = lines.drop(OPENED).join(fields, on=year, how="left").select("livraison", "ligne", "occurrence", OPENED)
    told = rows.join(again.with_columns(_dit=True), on=["livraison", "ligne"], how="left", maintain_order="left", suffix="_sans")
    return told.with_columns(
        pl.when("_dit").then(pl.col(f"{name}_sans")).otherwise(pl.col(name)).alias(name) for name in ("occurrence", OPENED)
    ).select(rows.columns)


def opened(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The rows of `model/suivi`, each field null unless every row of its place and year opens it (`champs_ouverts`); a row of which
    nothing may be shown is hidden, be it because its class may not show what it opened."""
    fields = _fields()
    named = pl.col(OPENED).fill_null("").str.split("|")
    shown = rows.with_columns(pl.when(named.list.contains(field)).then(pl.col(field)).alias(field) for field in fields)
    told = policy.tables["suivi"].champs
    allowed = {field: pl.col(STATUT).is_in(list(policy.regles[told[field].regle].classes)) for field in fields}
    nothing = pl.all_horizontal(pl.col(field).is_null() | ~allowed[field] for field in fields)
    return shown.with_columns(pl.coalesce(MOTIF, pl.when(nothing).then(pl.lit(UNDECLARED))).alias(MOTIF))


def kept_back(answers: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """How many values of each field the places of the rows shown did not open: champ, regle, nombre."""
    before = answers.join(shown, on=["livraison", "ligne"], how="semi")
    counts = [(field, UNDECLARED, before[field].count() - shown[field].count()) for field in _fields()]
    return pl.DataFrame([entry for entry in counts if entry[2]], schema=HITS, orient="row")


def _fields() -> list[str]:
    """The fields that a place may open, as the schema of the delivery lists them."""
    return list(schema.load("deliveries", "suivi").field(DECLARED).descriptor["libelles"])
