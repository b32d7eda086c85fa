-- An amount is suspected only when it breaks the rule that it would hold a thousand times greater; another funder's grant, only when it is
-- the thousandth of an agreement with the same beneficiary in the same year. Nothing is multiplied: a person decides.
WITH regles AS (
    SELECT
        c.livraison, c.ligne, m.total_min,
        coalesce(c.montantBase, c.montant - coalesce(c.bonusNumerique, 0)) AS base,
        m.total_max + if(c.montantBase IS NULL AND c.bonusNumerique IS NULL AND coalesce(k.numerique, true), coalesce(m.bonus_numerique, 0), 0)
            AS base_max
    FROM model.conventions AS c
    JOIN programme.vagues AS v USING (vague)
    JOIN programme.montants AS m ON m.regle = v.regle_montant
    LEFT JOIN model.attributions AS a ON a.attribution = c.attribution
    LEFT JOIN programme.categories AS k ON k.categorie = coalesce(c.categorie, a.categorie)
), beneficiaires AS (
    SELECT DISTINCT siren_de(idBeneficiaire) AS siren, year(dateConvention) AS annee, montant
    FROM model.conventions WHERE idBeneficiaire IS NOT NULL
)
SELECT
    'conventions' AS "table", livraison, ligne, 'montant' AS champ,
    'Montant sans doute écrit en milliers d''euros : mille fois plus grand, il suivrait la règle de la vague. Vérifier l''unité.' AS message
FROM regles WHERE base > 0 AND base < total_min AND base * 1000 BETWEEN total_min AND base_max
UNION ALL
SELECT
    'subventions', s.livraison, s.ligne, 'montant',
    'Montant sans doute écrit en milliers d''euros : une convention du même bénéficiaire, la même année, est mille fois plus grande. '
    || 'Vérifier l''unité.'
FROM model.subventions AS s
SEMI JOIN beneficiaires AS b ON b.siren = siren_de(s.idBeneficiaire) AND b.annee = s.exercice AND b.montant = s.montant * 1000
WHERE s.montant > 0
