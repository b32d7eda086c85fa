SELECT
    'conventions' AS "table",
    livraison,
    ligne,
    'vague' AS champ,
    'Cette vague n''est pas celle de l''attribution que la convention cite : corriger l''une ou l''autre.' AS message
FROM model.conventions AS c JOIN travail.vagues_citees AS v ON v.cite = vague_de_l_attribution(c.attribution)
WHERE v.vague <> c.vague
