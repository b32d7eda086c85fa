-- Awards known here against those officially announced, wave by wave. Only awards of the wave's own scheme count. A wave that no line of
-- results speaks of is not available, never zero; without a registry nothing is known of places.
CREATE TABLE evaluate.rapprochement (
    vague VARCHAR PRIMARY KEY,
    attributions_connues BIGINT,
    lieux_connus BIGINT,
    laureats_officiels BIGINT,
    ecart BIGINT,
    couverture DOUBLE,
    etat VARCHAR NOT NULL,
    source_url VARCHAR
);

INSERT INTO evaluate.rapprochement BY NAME
WITH sources AS (
    SELECT
        coalesce(bool_or("table" = 'resultats'), false) AS resultats,
        coalesce(bool_or("table" = 'lieux'), false) AS registre
    FROM model.sources_presentes
), connues AS (
    SELECT vague, dispositif, count(*) AS attributions, count(DISTINCT lieu) AS lieux FROM model.attributions GROUP BY ALL
), comptees AS (
    SELECT
        v.vague,
        v.laureats AS laureats_officiels,
        v.source_url,
        CASE WHEN s.resultats THEN c.attributions END AS attributions_connues,
        CASE WHEN s.resultats AND s.registre THEN c.lieux END AS lieux_connus
    FROM model.vagues AS v CROSS JOIN sources AS s LEFT JOIN connues AS c USING (vague, dispositif)
    WHERE v.ordinal IS NOT NULL
)
SELECT
    *,
    attributions_connues - laureats_officiels AS ecart,
    round(attributions_connues / nullif(laureats_officiels, 0), 4) AS couverture,
    CASE
        WHEN ecart IS NULL THEN 'non disponible'
        WHEN ecart = 0 THEN 'complet'
        WHEN ecart < 0 THEN 'partiel'
        ELSE 'dépassé'
    END AS etat
FROM comptees;
