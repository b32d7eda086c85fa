-- Which place and which wave each result line speaks of. The line's own id of place decides; else its designation in the registry,
-- the n-th of identical designations in a delivery and wave being the place of rank n. A place is never guessed.
CREATE TABLE travail.placements AS
WITH lignes AS (
    SELECT
        r.livraison,
        r.ligne,
        r.lieu AS lieu_cite,
        c.vague,
        designation(r.nom_lieu, r.porteur, r.commune, r.departement) AS designation,
        row_number() OVER (PARTITION BY r.livraison, c.vague, designation ORDER BY r.ligne) AS rang
    FROM livre.resultats AS r LEFT JOIN travail.vagues_citees AS c ON c.cite = r.vague
)
SELECT
    l.livraison,
    l.ligne,
    l.vague,
    l.lieu_cite,
    CASE WHEN l.lieu_cite IS NOT NULL THEN cite.lieu_actuel WHEN d.lieux_possibles = 1 THEN d.lieu END AS lieu,
    CASE WHEN l.lieu_cite IS NOT NULL THEN cite.lieu WHEN d.lieux_possibles = 1 THEN d.lieu_designe END AS lieu_designe,
    CASE
        WHEN l.lieu_cite IS NOT NULL THEN 'identifiant'
        WHEN d.lieux_possibles > 1 THEN 'ambigu'
        ELSE 'designation'
    END AS voie
FROM lignes AS l
LEFT JOIN travail.registre AS cite ON cite.lieu = l.lieu_cite
LEFT JOIN travail.designations AS d ON l.lieu_cite IS NULL AND d.designation = l.designation AND d.rang = l.rang;
