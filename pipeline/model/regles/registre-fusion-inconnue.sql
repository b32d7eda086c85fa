SELECT
    'lieux' AS "table",
    livraison,
    ligne,
    'fusionne_dans' AS champ,
    'Ce lieu est fusionné dans un identifiant absent du registre : la fusion n''est pas suivie. Corriger l''identifiant.' AS message
FROM travail.registre WHERE fusion_inconnue
