WITH connues AS (
    SELECT vague, dispositif, count(*) AS attributions FROM model.attributions GROUP BY ALL
)
SELECT
    'vagues' AS "table",
    v.livraison,
    v.ligne,
    'nb_laureats' AS champ,
    'Les résultats livrés comptent plus d''attributions que l''annonce : chercher les lignes en double, ou corriger le chiffre.' AS message
FROM model.vagues AS v JOIN connues AS c USING (vague, dispositif)
WHERE c.attributions > v.laureats
