-- The line stays in: it may be right, and only its author knows which line it was to correct.
SELECT
    "table",
    livraison,
    ligne,
    champ,
    if(cle_vide, format('Cette correction n''a pas de clé ({}) : elle est ajoutée. Remplir la clé de la ligne à corriger.', cle),
                 format('Aucune ligne en vigueur n''avait cette clé ({}) quand la correction est arrivée : elle est ajoutée. '
                        || 'Vérifier la clé et « date », ou la livrer avec mode = "ajoute".', cle)) AS message
FROM travail.corrections WHERE sans_objet
