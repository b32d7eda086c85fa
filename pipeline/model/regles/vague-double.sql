SELECT
    'vagues' AS "table",
    livraison,
    ligne,
    'vague' AS champ,
    'Cette vague a déjà une ligne, seule retenue : réunir les deux.' AS message
FROM travail.vagues_livrees WHERE occurrence > 1
