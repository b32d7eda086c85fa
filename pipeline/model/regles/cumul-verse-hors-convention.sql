-- The amount of an agreement is the whole of it, repeated on the line of each beneficiary: so is what was paid, line by line summed.
WITH verses AS (
    SELECT c.racine, sum(v.montant_paye) AS verse
    FROM model.versements AS v JOIN model.conventions AS c USING (convention) GROUP BY c.racine
)
SELECT
    'conventions' AS "table",
    c.livraison,
    c.ligne,
    'montant' AS champ,
    if(v.verse < 0, 'Le cumul des paiements de cette convention est négatif : vérifier les annulations.',
                    'Le cumul des paiements dépasse le montant de cette convention : vérifier les paiements et le montant.') AS message
FROM model.conventions AS c JOIN verses AS v USING (racine)
WHERE c.convention = c.racine AND (v.verse < 0 OR v.verse > c.montant)
