-- Said on the first application of the wave: the difference is of no line in particular.
WITH retenues AS (
    SELECT
        vague, count(*) FILTER (decision = 'retenue') AS retenues,
        first({'livraison': livraison, 'ligne': ligne} ORDER BY livraison, ligne) AS premiere
    FROM model.candidatures GROUP BY vague
), attribuees AS (
    SELECT a.vague, count(*) AS attributions FROM model.attributions AS a JOIN model.vagues AS v USING (vague, dispositif) GROUP BY a.vague
)
SELECT
    'candidatures' AS "table",
    premiere.livraison AS livraison,
    premiere.ligne AS ligne,
    'decision' AS champ,
    'Les candidatures retenues de cette vague ne sont pas aussi nombreuses que ses attributions : vérifier les décisions et les résultats.'
    AS message
FROM retenues JOIN attribuees USING (vague) WHERE retenues <> attributions
