SELECT
    'candidatures' AS "table",
    c.livraison,
    c.ligne,
    'candidature_precedente' AS champ,
    'Aucune candidature livrée ne porte ce numéro : le corriger, ou livrer la vague où elle fut déposée.' AS message
FROM livre.candidatures AS c ANTI JOIN livre.candidatures AS p ON p.candidature = c.candidature_precedente
WHERE c.candidature_precedente IS NOT NULL
