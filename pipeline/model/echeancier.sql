-- What an agreement commits for a year, by the agreement's own number. A schedule leads to a place only when every line of its agreement
-- that names one names the same: it is never shared out. Attached or not, it is kept: totals never change.
CREATE TABLE model.echeancier AS
WITH citables AS (
    SELECT idConvention, CASE WHEN count(DISTINCT lieu) = 1 THEN min(lieu) END AS lieu
    FROM model.conventions WHERE idConvention IS NOT NULL GROUP BY idConvention
)
SELECT
    e.convention,
    e.annee,
    e.montant_engage,
    c.idConvention IS NOT NULL AS rattache,
    c.lieu,
    livraison,
    ligne
FROM livre.echeancier AS e LEFT JOIN citables AS c ON c.idConvention = e.convention;

ALTER TABLE model.echeancier ADD PRIMARY KEY (livraison, ligne);
