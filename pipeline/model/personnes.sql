-- Who bears a place or receives a grant, and whether that is a legal person. Evidence: an RNA number, the SIREN of a public body
-- (it starts with 1 or 2), a declared legal form, a reviewed status with its proof in the registry. Without any, the status is
-- « non établi », which masks like a natural person. A name that itself says a natural person wins over all evidence: a doubt masks.
CREATE TABLE travail.personnes AS
WITH mentions AS (
    SELECT
        livraison, ligne, p.lieu, r.porteur AS nom, siren_de(r.siret_porteur) AS siren,
        r.rna_porteur AS rna, r.forme_juridique AS forme, NULL AS statut_relu
    FROM livre.resultats AS r JOIN travail.placements AS p USING (livraison, ligne)
    UNION ALL
    SELECT
        livraison, ligne, lieu_actuel, porteur, siren, rna, forme_juridique,
        CASE WHEN statut_porteur = 'personne_physique' OR preuve_statut IS NOT NULL THEN statut_porteur END
    FROM travail.registre
    UNION ALL
    -- Whoever has the name of the bearer of the place that the agreement cites is that bearer.
    SELECT
        c.livraison, c.ligne, r.lieu_actuel, nomBeneficiaire, siren_de(idBeneficiaire), rnaBeneficiaire, formeJuridiqueBeneficiaire, NULL
    FROM livre.conventions AS c LEFT JOIN travail.registre AS r ON r.lieu = regexp_extract(c.attribution, '^(lieu-[0-9]+)_', 1)
    UNION ALL
    SELECT
        livraison, ligne, NULL, nomBeneficiaire, siren_de(idBeneficiaire), rnaBeneficiaire, formeJuridiqueBeneficiaire, NULL
    FROM livre.subventions
    UNION ALL
    -- Whoever applies says what they are: evidence that takes a legal person away, never one that makes it.
    SELECT livraison, ligne, NULL, porteur, siren_de(siret_porteur), rna_porteur, forme_juridique, NULL
    FROM livre.candidatures
    WHERE forme_juridique IN (SELECT forme FROM travail.formes_declarees WHERE physique) OR dit_une_personne_physique(porteur)
    UNION ALL
    SELECT livraison, ligne, NULL, fournisseur_paye, siren_de(siret), NULL, NULL, NULL
    FROM livre.versements WHERE dit_une_personne_physique(fournisseur_paye)
), preuves AS (
    SELECT
        m.*,
        coalesce(m.nom, m.siren, m.rna, m.forme, m.statut_relu) IS NOT NULL AS presente,
        -- The name of one agent of a public body says nothing of the body: it masks its own line only.
        dit_une_personne_physique(m.nom) AS nommee,
        coalesce(m.statut_relu = 'personne_physique', false) OR coalesce(f.physique, false)
            OR dit_une_personne_physique(m.nom) AND NOT coalesce(m.siren[1] IN ('1', '2'), false) AS physique,
        coalesce(m.statut_relu = 'personne_morale', false) OR coalesce(f.morale, false)
            OR coalesce(regexp_matches(m.rna, '^W[0-9]{9}$'), false)
            OR coalesce(m.siren[1] IN ('1', '2'), false) AS morale,
        -- The same person elsewhere: the same SIREN anywhere, or the same name at the same place. Nothing else brings two mentions
        -- together, a name alone least of all.
        coalesce(m.siren, m.livraison || '|' || m.ligne) AS meme_siren,
        coalesce(m.lieu || '|' || normalise(m.nom), m.livraison || '|' || m.ligne) AS meme_porteur
    FROM mentions AS m LEFT JOIN travail.formes_declarees AS f USING (forme)
), reunies AS (
    SELECT
        *,
        -- What one mention lacks, another of the same bearer gives, unless they disagree.
        CASE WHEN min(siren) OVER porteur = max(siren) OVER porteur THEN min(siren) OVER porteur ELSE siren END AS siren_du_porteur,
        CASE WHEN min(rna) OVER porteur = max(rna) OVER porteur THEN min(rna) OVER porteur ELSE rna END AS rna_du_porteur,
        bool_or(physique) OVER siren OR bool_or(physique) OVER porteur AS physique_quelque_part,
        bool_or(morale) OVER siren OR bool_or(morale) OVER porteur AS morale_quelque_part
    FROM preuves
    WINDOW siren AS (PARTITION BY meme_siren), porteur AS (PARTITION BY meme_porteur)
)
SELECT
    livraison, ligne, nom, siren_du_porteur AS siren, rna_du_porteur AS rna,
    CASE
        WHEN NOT presente THEN 'sans_porteur'
        WHEN nommee OR physique_quelque_part THEN 'personne_physique'
        WHEN morale_quelque_part THEN 'personne_morale'
        ELSE 'non_etabli'
    END AS statut,
    nommee AND coalesce(siren[1] IN ('1', '2'), false) AS agent_public
FROM reunies;
