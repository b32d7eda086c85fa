-- The key of a payment is judged only where it is complete: with a part missing, two payments may rightly look alike.
WITH doubles AS (
    SELECT numero_ej, poste_ej, numero_dp, poste_dp, societe, exercice
    FROM model.versements
    GROUP BY ALL
    HAVING count(*) > 1
)
SELECT
    'versements' AS "table",
    v.livraison,
    v.ligne,
    'numero_dp' AS champ,
    'Ce paiement est livré plusieurs fois (mêmes engagement, demande de paiement, postes, société et exercice) : son montant est compté '
    || 'à chaque fois ; retirer la ligne ou la livraison en trop.' AS message
FROM model.versements AS v
JOIN doubles USING (numero_ej, poste_ej, numero_dp, poste_dp, societe, exercice)
