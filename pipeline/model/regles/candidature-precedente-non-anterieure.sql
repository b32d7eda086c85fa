WITH rangs AS (
    SELECT c.candidature, v.dispositif, max(v.ordinal) AS dernier, min(v.ordinal) AS premier
    FROM livre.candidatures AS c
    JOIN travail.vagues_citees AS k ON k.cite = c.vague
    JOIN programme.vagues AS v ON v.vague = k.vague
    GROUP BY ALL
)
SELECT
    'candidatures' AS "table",
    c.livraison,
    c.ligne,
    'candidature_precedente' AS champ,
    'La candidature citée n''est pas d''une vague antérieure : corriger le numéro, ou la vague de l''une des deux.' AS message
FROM livre.candidatures AS c
JOIN rangs AS p ON p.candidature = c.candidature_precedente
JOIN rangs AS r ON r.candidature = c.candidature AND r.dispositif = p.dispositif
WHERE p.premier >= r.dernier
