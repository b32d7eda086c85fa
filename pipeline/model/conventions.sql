-- A grant agreement, by its own number where the funder gives one, else by an id made of what identifies the decision: never of a
-- name nor of a beneficiary. The lines of one agreement with several beneficiaries share that root and are numbered.
CREATE TABLE travail.conventions_numerotees AS
WITH racines AS (
    SELECT
        livraison,
        ligne,
        coalesce(idConvention, empreinte(concat_ws('|', idAttribuant, dateConvention, coalesce(referenceDecision, ''), montant))) AS racine
    FROM livre.conventions
), numerotees AS (
    SELECT
        *,
        concat_ws('-', racine, nullif(row_number() OVER (PARTITION BY racine ORDER BY livraison, ligne), 1)) AS numero
    FROM racines
)
SELECT
    livraison,
    ligne,
    racine,
    -- A number delivered as it is may look like one made here: the line that comes second is then named after its place in the file.
    CASE WHEN row_number() OVER (PARTITION BY numero ORDER BY racine = numero DESC, livraison, ligne) = 1 THEN numero
         ELSE concat_ws('-', 'ligne', livraison, ligne) END AS convention
FROM numerotees;

-- The agreement's wave is the one it cites, else the one in the id of its award, known or not: the embargo of a wave covers its
-- agreements. Its award is written by its present id, its place is that of the award; the lines of one agreement share `racine`, and may
-- finance several places.
CREATE TABLE model.conventions AS
SELECT
    n.convention,
    c.* EXCLUDE (livraison, ligne) REPLACE (v.vague AS vague, coalesce(a.attribution, c.attribution) AS attribution),
    n.racine,
    a.lieu,
    p.statut AS statut_beneficiaire,
    livraison,
    ligne
FROM livre.conventions AS c
JOIN travail.conventions_numerotees AS n USING (livraison, ligne)
JOIN travail.personnes AS p USING (livraison, ligne)
LEFT JOIN travail.vagues_citees AS v ON v.cite = coalesce(c.vague, vague_de_l_attribution(c.attribution))
LEFT JOIN travail.attributions_citables AS a ON a.cite = c.attribution;

ALTER TABLE model.conventions ADD PRIMARY KEY (convention);
