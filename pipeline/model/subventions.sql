-- A grant of another funder, as it says it. Its id is made of what it says; lines that say the same are numbered.
-- « champs_scdl_manquants » names what SCDL requires and the line lacks, or does not say in the form that SCDL asks for: a SIRET whose
-- keys are wrong identifies nobody.
CREATE TABLE model.subventions AS
WITH racines AS (
    SELECT
        livraison,
        ligne,
        empreinte(concat_ws('|',
            coalesce(idAttribuant, ''), coalesce(nomAttribuant, ''), coalesce(dateConvention::VARCHAR, ''), coalesce(exercice::VARCHAR, ''),
            coalesce(referenceDecision, ''), coalesce(idBeneficiaire, ''), coalesce(rnaBeneficiaire, ''), coalesce(nomBeneficiaire, ''),
            coalesce(objet, ''), montant)) AS racine
    FROM livre.subventions
), sirets AS (  -- each once: an identifier comes back on many lines
    SELECT identifiant FROM (SELECT idAttribuant AS identifiant FROM livre.subventions UNION SELECT idBeneficiaire FROM livre.subventions)
    WHERE est_siret(identifiant)
)
SELECT
    concat_ws('-', n.racine, nullif(row_number() OVER (PARTITION BY n.racine ORDER BY livraison, ligne), 1)) AS subvention,
    s.* EXCLUDE (livraison, ligne) REPLACE (coalesce(s.exercice, year(s.dateConvention))::INTEGER AS exercice),
    p.statut AS statut_beneficiaire,
    nullif(concat_ws('|',
        CASE WHEN nomAttribuant IS NULL THEN 'nomAttribuant' END,
        CASE WHEN NOT coalesce(idAttribuant IN (FROM sirets), false) THEN 'idAttribuant' END,
        CASE WHEN dateConvention IS NULL THEN 'dateConvention' END,
        CASE WHEN nomBeneficiaire IS NULL THEN 'nomBeneficiaire' END,
        CASE WHEN CASE WHEN idBeneficiaire IS NULL THEN rnaBeneficiaire IS NULL ELSE idBeneficiaire NOT IN (FROM sirets) END THEN 'idBeneficiaire' END,
        CASE WHEN NOT coalesce(length(objet) <= 256, false) THEN 'objet' END,
        CASE WHEN NOT coalesce(regexp_full_match(nature, 'aide en numéraire|aide en nature|aide en numéraire;aide en nature|aide en nature;aide en numéraire'), false)
            THEN 'nature' END,
        CASE WHEN NOT coalesce(length(conditionsVersement) <= 256, false) THEN 'conditionsVersement' END,
        CASE WHEN NOT coalesce(regexp_full_match(datesPeriodeVersement, '[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?'), false)
            THEN 'datesPeriodeVersement' END,
        CASE WHEN notificationUE IS NULL THEN 'notificationUE' END,
        CASE WHEN NOT coalesce(pourcentageSubvention BETWEEN 0.01 AND 1, false) THEN 'pourcentageSubvention' END
    ), '') AS champs_scdl_manquants,
    livraison,
    ligne
FROM livre.subventions AS s
JOIN racines AS n USING (livraison, ligne)
JOIN travail.personnes AS p USING (livraison, ligne);

ALTER TABLE model.subventions ADD PRIMARY KEY (subvention);
