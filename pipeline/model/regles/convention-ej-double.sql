-- The lines of one agreement with several beneficiaries share its number: they are one agreement.
WITH partages AS (
    SELECT numero_ej FROM travail.engagements GROUP BY numero_ej HAVING count(DISTINCT racine) > 1
)
SELECT
    'conventions' AS "table",
    c.livraison,
    c.ligne,
    'numeroEJ' AS champ,
    'Plusieurs conventions portent ce numéro d''engagement juridique : ses paiements ne peuvent être rattachés sans doute.' AS message
FROM model.conventions AS c JOIN partages AS p ON p.numero_ej = c.numeroEJ
