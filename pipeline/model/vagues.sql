-- Every label of a wave found in a delivery, and the wave it names. A label that the programme does not know makes a wave outside
-- it, without ordinal or embargo date: its lines stay apart from those that cite no wave, and nothing of it can be published.
CREATE TABLE travail.vagues_citees AS
WITH libelles_connus AS (
    SELECT normalise(libelle) AS libelle, min(vague) AS vague
    FROM programme.libelles GROUP BY ALL HAVING count(DISTINCT vague) = 1
), citations AS (
    SELECT vague AS cite FROM livre.vagues
    UNION SELECT vague FROM livre.resultats
    UNION SELECT vague FROM livre.candidatures
    UNION SELECT vague FROM livre.conventions
    UNION SELECT vague_de_l_attribution(attribution) FROM livre.conventions
)
SELECT
    c.cite,
    coalesce(k.vague, 'hors-programme-' || coalesce(replace(normalise(c.cite), ' ', '-'), 'sans-nom')) AS vague,
    k.vague IS NOT NULL AS au_programme
FROM citations AS c LEFT JOIN libelles_connus AS k ON k.libelle = normalise(c.cite)
WHERE c.cite IS NOT NULL;

-- The delivered lines of waves. The same label under another scheme is another wave, which the programme does not have.
CREATE TABLE travail.vagues_livrees AS
WITH nommees AS (
    SELECT
        v.* EXCLUDE (vague),
        v.vague AS cite,
        p.vague IS NOT NULL AS au_programme,
        CASE WHEN p.vague IS NULL AND c.au_programme THEN concat_ws('-', 'hors-programme', v.dispositif, c.vague) ELSE c.vague END AS vague
    FROM livre.vagues AS v
    JOIN travail.vagues_citees AS c ON c.cite = v.vague
    LEFT JOIN programme.vagues AS p ON p.vague = c.vague AND p.dispositif = v.dispositif
)
SELECT
    *,
    row_number() OVER (PARTITION BY vague ORDER BY livraison, ligne) AS occurrence,
    max(date_annonce) OVER (PARTITION BY vague) AS derniere_annonce
FROM nommees;

CREATE TABLE model.vagues (
    vague VARCHAR PRIMARY KEY,
    libelle VARCHAR NOT NULL,
    dispositif VARCHAR,
    ordinal BIGINT,
    date_cloture DATE,
    date_cloture_2 DATE,
    date_annonce DATE,
    embargo_jusqu_au DATE,
    candidatures BIGINT,
    laureats BIGINT,
    laureats_numeriques BIGINT,
    cumul_lieux BIGINT,
    montant DECIMAL(14, 2),
    source_url VARCHAR,
    note VARCHAR,
    livraison VARCHAR,
    ligne UINTEGER
);

-- What is delivered comes first; the programme completes it, and is alone to say when a wave may be shown: a delivery can put that
-- day off, never bring it forward. Of several lines on a wave, the latest day stands, whichever line is kept for the rest.
INSERT INTO model.vagues BY NAME
WITH vagues AS (
    SELECT vague FROM programme.vagues UNION SELECT vague FROM travail.vagues_livrees UNION SELECT vague FROM travail.vagues_citees
), libelles_hors_programme AS (
    SELECT vague, min(cite) AS libelle FROM travail.vagues_citees WHERE NOT au_programme GROUP BY vague
)
SELECT
    vague,
    coalesce(p.libelle, l.cite, h.libelle) AS libelle,
    coalesce(p.dispositif, l.dispositif) AS dispositif,
    p.ordinal,
    coalesce(l.date_limite_depot, p.date_cloture) AS date_cloture,
    p.date_cloture_2,
    coalesce(l.date_annonce, p.date_annonce) AS date_annonce,
    CASE WHEN p.embargo_jusqu_au IS NOT NULL THEN greatest(p.embargo_jusqu_au, l.derniere_annonce) END AS embargo_jusqu_au,
    l.nb_candidatures AS candidatures,
    l.nb_laureats AS laureats,
    l.dont_numeriques AS laureats_numeriques,
    l.cumul_laureats AS cumul_lieux,
    l.montant,
    l.source_url,
    l.note,
    l.livraison,
    l.ligne
FROM vagues
LEFT JOIN programme.vagues AS p USING (vague)
LEFT JOIN travail.vagues_livrees AS l ON l.vague = vagues.vague AND l.occurrence = 1
LEFT JOIN libelles_hors_programme AS h ON h.vague = vagues.vague;
