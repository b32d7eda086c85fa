-- What the State committed, paid and still owes, by place and year. The committed comes from schedules, the paid from payments: null where
-- neither speaks, never a total shared out. What leads to no place is kept apart, so that sums are those of schedules and payments.
CREATE TABLE evaluate.financements (
    financement VARCHAR PRIMARY KEY,
    lieu VARCHAR,
    exercice INTEGER,
    engage DECIMAL(38, 2),
    verse DECIMAL(38, 2),
    reste DECIMAL(38, 2),
    rattachement VARCHAR NOT NULL
);

INSERT INTO evaluate.financements BY NAME
WITH mouvements AS (
    SELECT lieu, annee AS exercice, convention AS racine, montant_engage AS engage, NULL::DECIMAL(14, 2) AS verse FROM model.echeancier
    UNION ALL
    SELECT c.lieu, v.exercice, c.racine, NULL, v.montant_paye
    FROM model.versements AS v LEFT JOIN model.conventions AS c ON c.convention = v.convention
), annees AS (
    SELECT lieu, exercice, sum(engage) AS engage, sum(verse) AS verse FROM mouvements GROUP BY lieu, exercice
), dossiers AS (
    -- The amount of an agreement is the whole of it, repeated on the line of each beneficiary.
    SELECT
        racine,
        first(montant ORDER BY livraison, ligne) AS montant,
        min(year(dateConvention)) AS signature,
        CASE WHEN count(DISTINCT lieu) = 1 THEN min(lieu) END AS lieu
    FROM model.conventions GROUP BY racine
), debuts AS (
    SELECT racine, min(exercice) AS premier FROM mouvements WHERE racine IS NOT NULL GROUP BY racine
), engages AS (
    SELECT d.lieu, d.montant, least(d.signature, b.premier) AS debut FROM dossiers AS d LEFT JOIN debuts AS b USING (racine)
    WHERE d.lieu IS NOT NULL
), totaux AS (
    SELECT a.lieu, a.exercice, sum(e.montant) AS total
    FROM annees AS a JOIN engages AS e ON e.lieu = a.lieu AND e.debut <= a.exercice GROUP BY a.lieu, a.exercice
), douteux AS (
    -- An agreement that finances several places, or a payment without year: what remains of it cannot be told.
    SELECT lieu FROM model.conventions WHERE racine IN (SELECT racine FROM model.conventions GROUP BY racine HAVING count(DISTINCT lieu) > 1)
    UNION
    SELECT lieu FROM annees WHERE exercice IS NULL
)
SELECT
    concat_ws('_', coalesce(a.lieu, 'non-rattache'), coalesce(a.exercice::VARCHAR, 'annee-inconnue')) AS financement,
    a.lieu,
    a.exercice,
    a.engage,
    a.verse,
    CASE WHEN a.lieu IS NOT NULL AND a.lieu NOT IN (SELECT lieu FROM douteux WHERE lieu IS NOT NULL)
              AND EXISTS (FROM model.sources_presentes WHERE "table" = 'versements')
        THEN t.total - coalesce(sum(a.verse) OVER (PARTITION BY a.lieu ORDER BY a.exercice), 0)
    END AS reste,
    if(a.lieu IS NULL, 'non_rattache', 'lieu') AS rattachement
FROM annees AS a LEFT JOIN totaux AS t ON t.lieu = a.lieu AND t.exercice = a.exercice;
