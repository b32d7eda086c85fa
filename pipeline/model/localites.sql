-- The commune of each line that gives one, looked up in the official code (communes and municipal arrondissements). A code that
-- it knows is kept; else the name, within the département, must lead to a single commune. What was delivered is never replaced.
CREATE TABLE travail.communes_en_vigueur AS
SELECT code, nom, departement, population FROM reference.communes WHERE type IN ('COM', 'ARM');

CREATE TABLE travail.localites AS
WITH citees AS (
    SELECT 'resultats' AS "table", livraison, ligne, commune, code_commune, departement, region FROM livre.resultats
    UNION ALL BY NAME
    SELECT 'lieux' AS "table", livraison, ligne, commune, departement FROM livre.lieux
    UNION ALL BY NAME
    SELECT 'candidatures' AS "table", livraison, ligne, commune, code_commune, departement, region FROM livre.candidatures
), noms_uniques AS (
    SELECT departement, normalise(nom) AS nom, min(code) AS code
    FROM travail.communes_en_vigueur GROUP BY ALL HAVING count(*) = 1
), codees AS (
    SELECT c.*, coalesce(connue.code, nommee.code) AS code_trouve
    FROM citees AS c
    LEFT JOIN travail.communes_en_vigueur AS connue ON connue.code = c.code_commune
    LEFT JOIN noms_uniques AS nommee ON nommee.departement = c.departement AND nommee.nom = normalise(c.commune)
), situees AS (
    SELECT c.*, v.nom AS nom_officiel, v.population, coalesce(c.departement, v.departement) AS departement_trouve
    FROM codees AS c LEFT JOIN travail.communes_en_vigueur AS v ON v.code = c.code_trouve
)
SELECT
    s."table",
    s.livraison,
    s.ligne,
    coalesce(s.nom_officiel, s.commune) AS commune,
    s.code_trouve AS code_commune,
    s.departement_trouve AS departement,
    d.nom AS nom_departement,
    coalesce(s.region, r.nom) AS region,
    CASE WHEN s.region IS NULL OR normalise(s.region) = normalise(r.nom) THEN r.code ELSE delivree.code END AS code_region,
    s.population AS population_commune,
    s.code_trouve IS NULL AND (s.commune IS NOT NULL OR s.code_commune IS NOT NULL) AS introuvable
FROM situees AS s
LEFT JOIN reference.departements AS d ON d.code = s.departement_trouve
LEFT JOIN reference.regions AS r ON r.code = d.region
LEFT JOIN reference.regions AS delivree ON normalise(delivree.nom) = normalise(s.region);
