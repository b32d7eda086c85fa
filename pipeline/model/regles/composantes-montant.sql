SELECT
    'conventions' AS "table",
    livraison,
    ligne,
    'montant' AS champ,
    'Le montant n''est pas la somme du montant de base et du bonus numérique : corriger l''un des trois.' AS message
FROM model.conventions WHERE montantBase + coalesce(bonusNumerique, 0) <> montant
