-- The registry, each place with the one that stands for it today: merges are followed to their end. A chain that turns in a loop (or
-- has more than a thousand merges) or meets an unknown id leads nowhere: the place then stays itself, and an anomaly says so.
CREATE TABLE travail.registre AS
WITH RECURSIVE premiers AS (
    SELECT * FROM livre.lieux QUALIFY row_number() OVER (PARTITION BY lieu ORDER BY livraison, ligne) = 1
), fusions AS (
    SELECT a.lieu, b.lieu AS cible FROM premiers AS a JOIN premiers AS b ON b.lieu = a.fusionne_dans
), chemins AS (
    SELECT lieu, lieu AS etape, 0 AS pas FROM premiers
    UNION ALL
    SELECT c.lieu, f.cible, c.pas + 1 FROM chemins AS c JOIN fusions AS f ON f.lieu = c.etape WHERE c.pas < 1000
), arrivees AS (
    SELECT lieu, arg_max(etape, pas) AS arrivee FROM chemins GROUP BY lieu
)
SELECT
    p.*,
    coalesce(p.fusionne_dans NOT IN (SELECT lieu FROM premiers), false) AS fusion_inconnue,
    a.arrivee IN (SELECT lieu FROM fusions) AS en_boucle,
    CASE WHEN a.arrivee IN (SELECT lieu FROM fusions) THEN p.lieu ELSE a.arrivee END AS lieu_actuel
FROM premiers AS p JOIN arrivees AS a USING (lieu);

-- Under which designations a place may be met: its present name and its former ones. Two places that share one can only be told
-- apart by their rank; a designation that says nothing designates nothing.
CREATE TABLE travail.designations AS
WITH noms AS (
    SELECT lieu, nom FROM travail.registre
    UNION
    SELECT lieu, unnest(string_split(noms_anterieurs, '|')) FROM travail.registre WHERE noms_anterieurs IS NOT NULL
), designations AS (
    SELECT
        designation(noms.nom, r.porteur, r.commune, r.departement) AS designation, coalesce(r.rang, 1) AS rang, r.lieu, r.lieu_actuel
    FROM noms JOIN travail.registre AS r USING (lieu)
)
SELECT
    designation,
    rang,
    min(lieu_actuel) AS lieu,
    -- The entry so designated; of several that are one place today, its own.
    arg_min(lieu, (lieu <> lieu_actuel, lieu)) AS lieu_designe,
    count(DISTINCT lieu_actuel) AS lieux_possibles
FROM designations WHERE designation <> '|||' GROUP BY designation, rang;
