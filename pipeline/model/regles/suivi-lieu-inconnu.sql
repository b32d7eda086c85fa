SELECT
    'suivi' AS "table",
    livraison,
    ligne,
    'lieu' AS champ,
    'Cet identifiant de lieu n''est pas au registre : rien de la ligne n''est publié. Corriger l''identifiant, ou inscrire le lieu.' AS message
FROM model.suivi WHERE lieu IS NULL
