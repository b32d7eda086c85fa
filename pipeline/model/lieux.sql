-- A place, once, whatever its number of awards. The registry speaks first; what it leaves empty comes from the latest award that
-- says it, and what goes together (bearer and identifiers, commune and département) comes from the same line.
-- A place merged into another is no longer one; a place without any known award belongs to no scheme.
CREATE TABLE model.lieux (
    lieu VARCHAR PRIMARY KEY,
    nom VARCHAR,
    porteur VARCHAR,
    statut_porteur VARCHAR NOT NULL,
    siren VARCHAR,
    rna VARCHAR,
    categorie VARCHAR,
    dispositif VARCHAR,
    commune VARCHAR,
    code_commune VARCHAR,
    departement VARCHAR,
    nom_departement VARCHAR,
    region VARCHAR,
    code_region VARCHAR,
    population_commune BIGINT,
    classe_officielle VARCHAR,
    types VARCHAR,
    premiere_vague VARCHAR,
    derniere_vague VARCHAR,
    attributions BIGINT NOT NULL,
    relabellise BOOLEAN,
    source_url VARCHAR,
    livraison VARCHAR NOT NULL,
    ligne UINTEGER NOT NULL
);

INSERT INTO model.lieux BY NAME
WITH dispositifs AS (
    SELECT lieu, min(dispositif) AS dispositif FROM model.attributions WHERE lieu IS NOT NULL GROUP BY lieu
), chronologie AS (
    -- The awards of the place's own scheme follow the ordinal of their waves, which is known where the date is not.
    SELECT
        a.*,
        CASE WHEN a.dispositif = d.dispositif AND v.ordinal IS NOT NULL THEN a.vague END AS vague_du_dispositif,
        row_number() OVER (
            PARTITION BY lieu
            ORDER BY a.dispositif = d.dispositif, v.ordinal NULLS FIRST, a.date_annonce NULLS FIRST, a.livraison, a.ligne
        ) AS rang
    FROM model.attributions AS a JOIN dispositifs AS d USING (lieu) LEFT JOIN model.vagues AS v USING (vague)
), resumes AS (
    SELECT
        lieu,
        min(dispositif) AS dispositif,
        count(*) AS attributions,
        arg_max(nom_lieu, rang) AS nom,
        arg_max(categorie, rang) AS categorie,
        arg_max(classe_officielle, rang) AS classe_officielle,
        arg_max(types, rang) AS types,
        arg_min(vague_du_dispositif, rang) AS premiere_vague,
        arg_max(vague_du_dispositif, rang) AS derniere_vague,
        arg_min(source_url, rang) AS source_url,
        CASE
            WHEN bool_or(nature = 'relabellisation') OR count(DISTINCT vague_du_dispositif) > 1 THEN true
            WHEN count(*) = count(nature) THEN false
        END AS relabellise,
        max(rang) FILTER (statut_porteur <> 'sans_porteur') AS rang_du_porteur,
        max(rang) FILTER (commune IS NOT NULL OR departement IS NOT NULL) AS rang_de_la_localite
    FROM chronologie GROUP BY lieu
), porteurs AS (
    SELECT r.lieu, porteur, statut_porteur, siren, rna
    FROM chronologie AS c JOIN resumes AS r ON r.lieu = c.lieu AND r.rang_du_porteur = c.rang
), situations AS (
    SELECT r.lieu, l.*
    FROM chronologie AS c JOIN resumes AS r ON r.lieu = c.lieu AND r.rang_de_la_localite = c.rang
    JOIN travail.localites AS l USING (livraison, ligne)
), choix AS (
    SELECT
        r.lieu, r.nom, r.livraison, r.ligne, p.nom AS porteur, p.statut, p.siren, p.rna,
        p.statut = 'sans_porteur' AS porteur_d_une_attribution,
        r.commune IS NULL AND r.departement IS NULL AS localite_d_une_attribution
    FROM travail.registre AS r JOIN travail.personnes AS p USING (livraison, ligne)
    WHERE r.lieu_actuel = r.lieu
)
SELECT
    c.lieu,
    coalesce(c.nom, s.nom) AS nom,
    if(c.porteur_d_une_attribution, p.porteur, c.porteur) AS porteur,
    coalesce(if(c.porteur_d_une_attribution, p.statut_porteur, c.statut), 'sans_porteur') AS statut_porteur,
    if(c.porteur_d_une_attribution, p.siren, c.siren) AS siren,
    if(c.porteur_d_une_attribution, p.rna, c.rna) AS rna,
    s.categorie,
    s.dispositif,
    l.commune,
    l.code_commune,
    l.departement,
    l.nom_departement,
    l.region,
    l.code_region,
    l.population_commune,
    s.classe_officielle,
    s.types,
    s.premiere_vague,
    s.derniere_vague,
    coalesce(s.attributions, 0) AS attributions,
    s.relabellise,
    s.source_url,
    c.livraison,
    c.ligne
FROM choix AS c
LEFT JOIN resumes AS s USING (lieu)
LEFT JOIN porteurs AS p USING (lieu)
LEFT JOIN situations AS a USING (lieu)
LEFT JOIN travail.localites AS l
    ON l.livraison = if(c.localite_d_une_attribution, a.livraison, c.livraison)
    AND l.ligne = if(c.localite_d_une_attribution, a.ligne, c.ligne);
