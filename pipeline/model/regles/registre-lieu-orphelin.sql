SELECT
    'lieux' AS "table",
    livraison,
    ligne,
    'lieu' AS champ,
    'Aucune attribution connue pour ce lieu : il n''est compté nulle part. Vérifier sa désignation, ou livrer son résultat.' AS message
FROM model.lieux WHERE attributions = 0
