SELECT
    'vagues' AS "table",
    livraison,
    ligne,
    'date_annonce' AS champ,
    'La date d''annonce précède la clôture des dépôts : vérifier les deux dates.' AS message
FROM model.vagues
WHERE livraison IS NOT NULL AND date_annonce < greatest(date_cloture, date_cloture_2)
