-- What a place says of a year, with the place that stands for it today. Two lines for one place and year are both kept; the first is the
-- one that cites the place by its present id. Contacts and comments stay in the delivery.
CREATE TABLE model.suivi AS
SELECT
    r.lieu_actuel AS lieu,
    s.* EXCLUDE (contact_nom, contact_courriel, commentaire, livraison, ligne) RENAME (lieu AS lieu_cite),
    CASE WHEN r.lieu_actuel IS NOT NULL
        THEN row_number() OVER (PARTITION BY r.lieu_actuel, s.annee ORDER BY s.lieu <> r.lieu_actuel, s.livraison, s.ligne)
    END AS occurrence,
    p.statut AS statut_cite,  -- of the entry cited, whatever it was merged into since
    s.livraison,
    s.ligne
FROM livre.suivi AS s
LEFT JOIN travail.registre AS r ON r.lieu = s.lieu
LEFT JOIN travail.personnes AS p ON p.livraison = r.livraison AND p.ligne = r.ligne;

ALTER TABLE model.suivi ADD PRIMARY KEY (livraison, ligne);
