-- A wave that no application speaks of is not available, never zero.
WITH comptees AS (
    SELECT vague, count(*) AS candidatures FROM model.candidatures GROUP BY vague
)
SELECT
    'vagues' AS "table",
    v.livraison,
    v.ligne,
    'nb_candidatures' AS champ,
    'Les candidatures livrées ne font pas le compte officiel de la vague : chercher celles qui manquent, ou en double, ou corriger le chiffre.'
    AS message
FROM model.vagues AS v JOIN comptees AS c USING (vague)
WHERE v.livraison IS NOT NULL AND c.candidatures <> v.candidatures
