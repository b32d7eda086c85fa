SELECT
    'conventions' AS "table",
    c.livraison,
    c.ligne,
    'attribution' AS champ,
    'Cette attribution n''existe pas : donner l''identifiant du lieu, « _ », puis la clé de la vague, comme dans les résultats.' AS message
FROM model.conventions AS c ANTI JOIN model.attributions AS a ON a.attribution = c.attribution
WHERE c.attribution IS NOT NULL
