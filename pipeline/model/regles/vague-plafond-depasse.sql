-- Official data above the ceiling is a fact to be explained, not a fault.
SELECT
    'vagues' AS "table",
    v.livraison,
    v.ligne,
    'nb_laureats' AS champ,
    format('La vague compte plus de lauréats que son plafond ({}, programme.toml) : à expliquer.', p.laureats_max) AS message
FROM model.vagues AS v JOIN programme.plafonds AS p USING (vague)
WHERE v.laureats > p.laureats_max
