SELECT
    'echeancier' AS "table",
    livraison,
    ligne,
    'convention' AS champ,
    'Aucune convention livrée ne porte ce numéro : le montant est compté, « non rattaché ». Corriger le numéro, ou livrer la convention.' AS message
FROM model.echeancier WHERE NOT rattache
