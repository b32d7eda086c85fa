-- Without a wave two lines may be two labels: only known waves are compared.
SELECT
    'resultats' AS "table",
    livraison,
    ligne,
    'vague' AS champ,
    'Ce lieu a déjà une attribution dans cette vague : supprimer la ligne en trop, ou distinguer les lieux au registre.' AS message
FROM model.attributions
WHERE lieu IS NOT NULL AND vague IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY lieu, vague ORDER BY livraison, ligne) > 1
