-- The yearly ceiling holds for the base amount. A digital Fabrique's bonus may be paid in any year: only what all the years have above
-- the ceiling, put together, may not exceed it. Where the category is not told, the place may be digital.
WITH regles AS (
    SELECT
        c.idConvention,
        m.tranche_max,
        m.confirmee,
        max(coalesce(c.bonusNumerique, if(c.montantBase IS NULL AND coalesce(k.numerique, true), m.bonus_numerique, 0), 0)) AS bonus
    FROM model.conventions AS c
    JOIN programme.vagues AS v USING (vague)
    JOIN programme.montants AS m ON m.regle = v.regle_montant
    LEFT JOIN model.attributions AS a ON a.attribution = c.attribution
    LEFT JOIN programme.categories AS k ON k.categorie = coalesce(c.categorie, a.categorie)
    WHERE m.tranche_max IS NOT NULL
    GROUP BY c.idConvention, m.tranche_max, m.confirmee
), tranches AS (
    SELECT
        e.livraison, e.ligne, r.confirmee, r.bonus, greatest(e.montant_engage - r.tranche_max, 0) AS exces,
        sum(exces) OVER (PARTITION BY e.convention) AS exces_total
    FROM model.echeancier AS e JOIN regles AS r ON r.idConvention = e.convention
)
SELECT
    'echeancier' AS "table",
    livraison,
    ligne,
    'montant_engage' AS champ,
    'Montant de l''année au-dessus du plafond annuel de la vague (programme.toml), bonus numérique mis à part : vérifier le montant.' AS message,
    if(confirmee, NULL, 'alerte') AS gravite
FROM tranches WHERE exces > 0 AND exces_total > bonus
