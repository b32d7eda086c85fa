-- One application is one number. Two numbers of one bearer for one place in one wave are to be looked at: a bearer may have two places.
WITH lignes AS (
    SELECT
        c.livraison, c.ligne, c.candidature, v.vague,
        designation(c.nom_lieu, coalesce(siren_de(c.siret_porteur), c.rna_porteur, c.porteur), c.commune, c.departement) AS designation
    FROM livre.candidatures AS c JOIN travail.vagues_citees AS v ON v.cite = c.vague
), rangs AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY candidature ORDER BY livraison, ligne) AS rang_du_numero,
        row_number() OVER (PARTITION BY vague, designation ORDER BY livraison, ligne) AS rang_de_la_designation
    FROM lignes
)
SELECT
    'candidatures' AS "table",
    livraison,
    ligne,
    if(rang_du_numero > 1, 'candidature', 'nom_lieu') AS champ,
    if(rang_du_numero > 1, 'Ce numéro de candidature est déjà pris par une ligne précédente : les deux sont comptées ; retirer celle en trop.',
                           'Une autre candidature de la vague a le même porteur, pour le même lieu : les deux sont comptées ; vérifier.') AS message,
    if(rang_du_numero > 1, NULL, 'alerte') AS gravite
FROM rangs
WHERE rang_du_numero > 1 OR (rang_de_la_designation > 1 AND NOT regexp_matches(designation, '^[|]|^[^|]*[|][|]'))
