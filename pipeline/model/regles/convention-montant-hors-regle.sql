-- The bounds hold for the base amount. Where the agreement does not tell base and bonus apart, a digital Fabrique may have both.
WITH regles AS (
    SELECT
        c.livraison, c.ligne, c.montant, c.montantBase, c.bonusNumerique, m.total_min, m.total_max, m.bonus_numerique, m.confirmee,
        k.numerique
    FROM model.conventions AS c
    JOIN programme.vagues AS v USING (vague)
    JOIN programme.montants AS m ON m.regle = v.regle_montant
    LEFT JOIN model.attributions AS a ON a.attribution = c.attribution
    LEFT JOIN programme.categories AS k ON k.categorie = coalesce(c.categorie, a.categorie)
), bornes AS (
    SELECT
        *,
        coalesce(montantBase, montant - coalesce(bonusNumerique, 0)) AS base,
        total_max + if(montantBase IS NULL AND bonusNumerique IS NULL AND coalesce(numerique, true), coalesce(bonus_numerique, 0), 0)
            AS base_max
    FROM regles
), ecarts AS (
    SELECT
        *, 'montant' AS champ,
        'Montant hors des bornes de la vague (programme.toml), bonus numérique mis à part : vérifier le montant et la vague.' AS message
    FROM bornes WHERE base <= 0 OR base < total_min OR base > base_max
    UNION ALL
    SELECT *, 'bonusNumerique', 'Bonus réservé aux Fabriques numériques de territoire : vérifier la catégorie ou retirer le bonus.'
    FROM bornes WHERE bonusNumerique > 0 AND NOT numerique
    UNION ALL
    SELECT *, 'bonusNumerique', 'Bonus différent de celui de la vague (programme.toml) : vérifier le montant.'
    FROM bornes WHERE bonusNumerique > 0 AND numerique AND bonusNumerique IS DISTINCT FROM bonus_numerique
)
SELECT 'conventions' AS "table", livraison, ligne, champ, message, if(confirmee, NULL, 'alerte') AS gravite FROM ecarts
