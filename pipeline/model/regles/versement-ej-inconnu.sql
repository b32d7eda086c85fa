SELECT
    'versements' AS "table",
    v.livraison,
    v.ligne,
    'numero_ej' AS champ,
    'Aucune convention ne porte ce numéro d''engagement juridique : le paiement est compté, « non rattaché ».' AS message
FROM model.versements AS v ANTI JOIN travail.engagements AS e ON e.numero_ej = v.numero_ej
