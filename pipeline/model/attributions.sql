-- An award: a place in a wave. Every accepted result line is one, even when its place or its wave is not known.
CREATE TABLE model.attributions (
    attribution VARCHAR PRIMARY KEY,
    lieu VARCHAR,
    lieu_designe VARCHAR,  -- the entry of the registry that the line speaks of, before any merge
    statut_designe VARCHAR,  -- whether that entry says its bearer to be a legal person
    nom_lieu VARCHAR,
    porteur VARCHAR,
    statut_porteur VARCHAR NOT NULL,
    siren VARCHAR,
    rna VARCHAR,
    forme_juridique VARCHAR,
    categorie VARCHAR,
    dispositif VARCHAR NOT NULL,
    vague VARCHAR,
    date_annonce DATE,
    nature VARCHAR,
    types VARCHAR,
    commune VARCHAR,
    code_commune VARCHAR,
    departement VARCHAR,
    nom_departement VARCHAR,
    region VARCHAR,
    code_region VARCHAR,
    classe_officielle VARCHAR,
    source_url VARCHAR,
    livraison VARCHAR NOT NULL,
    ligne UINTEGER NOT NULL
);

-- The awards of an entry that keeps its place come first: a merge gives a number to those that join them, never to its own. Of two for one
-- wave, the one announced first: a later line never takes the id of one that is public.
CREATE TABLE travail.attributions_numerotees AS
SELECT
    livraison,
    ligne,
    CASE
        WHEN lieu IS NULL THEN concat_ws('-', 'ligne', livraison, ligne)
        ELSE identifiant_d_attribution(lieu, vague, row_number() OVER (
            PARTITION BY lieu, vague ORDER BY lieu_designe IS DISTINCT FROM lieu, date_annonce NULLS FIRST, livraison, ligne
        ))
    END AS attribution,
    lieu,
    lieu_designe,
    vague,
    row_number() OVER (PARTITION BY lieu_designe, vague ORDER BY date_annonce NULLS FIRST, livraison, ligne) AS occurrence_de_l_entree
FROM travail.placements JOIN (SELECT livraison, ligne, date_annonce FROM livre.resultats) USING (livraison, ligne);

INSERT INTO model.attributions BY NAME
SELECT
    n.attribution,
    n.lieu,
    n.lieu_designe,
    d.statut AS statut_designe,
    r.nom_lieu,
    r.porteur,
    p.statut AS statut_porteur,
    p.siren,
    p.rna,
    r.forme_juridique,
    r.categorie,
    -- A category not read says nothing of the scheme; only a sign of the Manufactures makes one.
    CASE
        WHEN 'manufacture_de_proximite' IN (coalesce(c.dispositif, ''), coalesce(v.dispositif, '')) THEN 'manufacture_de_proximite'
        ELSE 'fabrique_de_territoire'
    END AS dispositif,
    n.vague,
    coalesce(r.date_annonce, v.date_annonce) AS date_annonce,
    r.nature,
    r.types,
    l.commune,
    l.code_commune,
    l.departement,
    l.nom_departement,
    l.region,
    l.code_region,
    r.territoire AS classe_officielle,
    r.source_url,
    r.livraison,
    r.ligne
FROM livre.resultats AS r
JOIN travail.attributions_numerotees AS n USING (livraison, ligne)
JOIN travail.personnes AS p USING (livraison, ligne)
JOIN travail.localites AS l USING (livraison, ligne)
LEFT JOIN programme.categories AS c ON c.categorie = r.categorie
LEFT JOIN model.vagues AS v ON v.vague = n.vague
LEFT JOIN travail.registre AS e ON e.lieu = n.lieu_designe
LEFT JOIN travail.personnes AS d ON d.livraison = e.livraison AND d.ligne = e.ligne;

-- Under which ids an award may be cited: the one that its entry of the registry gives it, whatever the entry was merged into since, else
-- the one it has today. An id that would lead to two awards leads to none.
CREATE TABLE travail.attributions_citables AS
WITH identifiants AS (
    SELECT identifiant_d_attribution(lieu_designe, vague, occurrence_de_l_entree) AS cite, attribution, lieu, 1 AS lecture
    FROM travail.attributions_numerotees WHERE lieu_designe IS NOT NULL
    UNION ALL
    SELECT attribution, attribution, lieu, 2 FROM travail.attributions_numerotees
)
SELECT cite, attribution, lieu
FROM (FROM identifiants QUALIFY lecture = min(lecture) OVER (PARTITION BY cite))
QUALIFY count(*) OVER (PARTITION BY cite) = 1;
