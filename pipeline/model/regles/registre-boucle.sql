SELECT
    'lieux' AS "table",
    livraison,
    ligne,
    'fusionne_dans' AS champ,
    'Les fusions de ce lieu tournent en rond : aucune n''est suivie. Dire lequel de ces lieux remplace les autres.' AS message
FROM travail.registre WHERE en_boucle
