SELECT
    'recensement' AS "table",
    livraison,
    ligne,
    'INSEECOM' AS champ,
    'Code de commune absent du Code officiel géographique : commune fusionnée depuis, étrangère, ou jamais trouvée.' AS message
FROM model.recensement WHERE NOT commune_cog
