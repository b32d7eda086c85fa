-- Published figures, sources that contradict one another kept side by side: a figure is known by what it measures, its year, its
-- value and its source. Whole values are written without decimals in the id, as the sources write them.
CREATE TABLE model.indicateurs_publies AS
WITH racines AS (
    SELECT *, empreinte(concat_ws('|', indicateur, annee, regexp_replace(valeur::VARCHAR, '\.0$', ''), coalesce(source_url, ''))) AS racine
    FROM livre.indicateurs_publies
), numerotes AS (
    SELECT *, row_number() OVER (PARTITION BY racine ORDER BY livraison, ligne) AS occurrence FROM racines
)
SELECT
    if(occurrence = 1, racine, empreinte(concat_ws('|', racine, occurrence))) AS id_indicateur,
    n.* EXCLUDE (livraison, ligne, racine, occurrence),
    livraison,
    ligne
FROM numerotes AS n;

ALTER TABLE model.indicateurs_publies ADD PRIMARY KEY (id_indicateur);
