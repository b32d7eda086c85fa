-- The amount of an agreement is the whole of it, repeated on the line of each beneficiary: its first line is judged.
WITH sommes AS (
    SELECT convention, sum(montant_engage) AS engage FROM model.echeancier GROUP BY convention
)
SELECT
    'conventions' AS "table",
    c.livraison,
    c.ligne,
    'montant' AS champ,
    'L''échéancier de cette convention ne fait pas son montant : corriger l''un ou l''autre, ou compléter les années.' AS message
FROM model.conventions AS c JOIN sommes AS s ON s.convention = c.idConvention
WHERE s.engage <> c.montant
QUALIFY row_number() OVER (PARTITION BY c.racine ORDER BY c.livraison, c.ligne) = 1
