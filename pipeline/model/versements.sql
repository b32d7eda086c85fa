-- A payment meets its agreement by the number of its legal commitment (EJ) and by nothing else. Where several lines of agreements
-- hold the number, the payee's SIREN may tell which; else the payment stays apart. Either way it is kept: totals never change.
CREATE TABLE travail.engagements AS
SELECT numeroEJ AS numero_ej, convention, statut_beneficiaire, siren_de(idBeneficiaire) AS siren, racine
FROM model.conventions WHERE numeroEJ IS NOT NULL;

CREATE TABLE model.versements AS
WITH numerotes AS (
    SELECT
        livraison,
        ligne,
        siren_de(siret) AS siren,
        empreinte(concat_ws('|', numero_ej, coalesce(poste_ej, ''), coalesce(numero_dp, ''), coalesce(poste_dp, ''),
                            coalesce(societe, ''), coalesce(exercice::VARCHAR, ''))) AS racine
    FROM livre.versements
), seules AS (
    SELECT numero_ej, min(convention) AS convention FROM travail.engagements GROUP BY numero_ej HAVING count(*) = 1
), seules_du_beneficiaire AS (
    SELECT numero_ej, siren, min(convention) AS convention
    FROM travail.engagements WHERE siren IS NOT NULL GROUP BY numero_ej, siren HAVING count(*) = 1
), statuts AS (
    SELECT
        siren,
        CASE
            WHEN bool_or(statut = 'personne_physique') THEN 'personne_physique'
            WHEN bool_and(statut = 'personne_morale') THEN 'personne_morale'
            ELSE 'non_etabli'
        END AS statut
    FROM travail.personnes WHERE siren IS NOT NULL AND NOT agent_public GROUP BY siren
)
SELECT
    concat_ws('-', n.racine, nullif(row_number() OVER (PARTITION BY n.racine ORDER BY livraison, ligne), 1)) AS versement,
    v.* EXCLUDE (livraison, ligne),
    coalesce(s.convention, b.convention) AS convention,
    coalesce(s.convention, b.convention) IS NOT NULL AS rattache,
    CASE
        WHEN coalesce(v.siret, v.fournisseur_paye, v.designation_structure) IS NULL THEN 'sans_porteur'
        WHEN dit_une_personne_physique(v.fournisseur_paye) THEN 'personne_physique'
        WHEN t.statut IS NOT NULL THEN t.statut
        WHEN n.siren[1] IN ('1', '2') THEN 'personne_morale'
        ELSE 'non_etabli'
    END AS statut_fournisseur,
    livraison,
    ligne
FROM livre.versements AS v
JOIN numerotes AS n USING (livraison, ligne)
LEFT JOIN seules AS s ON s.numero_ej = v.numero_ej
LEFT JOIN seules_du_beneficiaire AS b ON b.numero_ej = v.numero_ej AND b.siren = n.siren
LEFT JOIN statuts AS t ON t.siren = n.siren;

ALTER TABLE model.versements ADD PRIMARY KEY (versement);
