-- What a place says of a year, with the place that stands for it today. Two lines for one place and year are both kept; the first is the
-- one that cites the place by its present id, and `champs_ouverts` are the fields that all of them open: a consent that one line
-- withdraws is withdrawn, whatever the order of deliveries. Contacts and comments stay in the delivery.
CREATE TABLE model.suivi AS
WITH lignes AS (
    SELECT r.lieu_actuel, p.statut AS statut_cite, s.*, coalesce(string_split(s.champs_publiables, '|'), []) AS ouverts
    FROM livre.suivi AS s
    LEFT JOIN travail.registre AS r ON r.lieu = s.lieu
    LEFT JOIN travail.personnes AS p ON p.livraison = r.livraison AND p.ligne = r.ligne
)
SELECT
    lieu_actuel AS lieu,
    * EXCLUDE (lieu_actuel, statut_cite, ouverts, contact_nom, contact_courriel, commentaire, livraison, ligne) RENAME (lieu AS lieu_cite),
    CASE WHEN lieu_actuel IS NOT NULL
        THEN row_number() OVER (PARTITION BY lieu_actuel, annee ORDER BY lignes.lieu <> lieu_actuel, livraison, ligne)
    END AS occurrence,
    statut_cite,  -- of the entry cited, whatever it was merged into since
    nullif(array_to_string(list_sort(list_reduce(
        list(ouverts) OVER (PARTITION BY coalesce(lieu_actuel, lignes.lieu), annee), LAMBDA communs, autres: list_intersect(communs, autres)
    )), '|'), '') AS champs_ouverts,
    livraison,
    ligne
FROM lignes;

ALTER TABLE model.suivi ADD PRIMARY KEY (livraison, ligne);
