-- Two names are the same when they differ only by case, accents, ligatures, apostrophes, hyphens or spaces.
-- A name without a letter or a digit says nothing: it is null.
CREATE MACRO normalise(texte) AS nullif(trim(regexp_replace(
    replace(replace(strip_accents(lower(texte)), 'œ', 'oe'), 'æ', 'ae'), '[^a-z0-9]+', ' ', 'g')), '');

-- How results and registry designate a place. An absent part only equals an absent part; the separator is in no normalised name.
CREATE MACRO designation(nom, porteur, commune, departement) AS concat_ws('|',
    coalesce(normalise(nom), ''), coalesce(normalise(porteur), ''), coalesce(normalise(commune), ''), coalesce(normalise(departement), ''));

-- The unit behind an establishment: the first 9 digits of a SIRET. Null when the identifier is not one.
CREATE MACRO siren_de(identifiant) AS CASE WHEN regexp_matches(identifiant, '^([0-9]{9}|[0-9]{14})$') THEN left(identifiant, 9) END;

-- Whether an identifier is a SIRET that INSEE could have issued: Luhn on its 14 digits and on the 9 of its SIREN; the establishments of
-- La Poste need a sum of digits that is a multiple of 5. What ends in 00000 is rounded, and identifies nobody. Null stays null.
CREATE MACRO chiffre(nombre, rang) AS (nombre // (10 ** rang)::BIGINT) % 10;
CREATE MACRO double_du_chiffre(nombre, rang) AS 2 * chiffre(nombre, rang) - CASE WHEN chiffre(nombre, rang) > 4 THEN 9 ELSE 0 END;
CREATE MACRO rangs_pairs(nombre) AS chiffre(nombre, 0) + chiffre(nombre, 2) + chiffre(nombre, 4) + chiffre(nombre, 6) + chiffre(nombre, 8)
    + chiffre(nombre, 10) + chiffre(nombre, 12);
CREATE MACRO luhn(nombre) AS (rangs_pairs(nombre) + double_du_chiffre(nombre, 1) + double_du_chiffre(nombre, 3) + double_du_chiffre(nombre, 5)
    + double_du_chiffre(nombre, 7) + double_du_chiffre(nombre, 9) + double_du_chiffre(nombre, 11) + double_du_chiffre(nombre, 13)) % 10 = 0;
CREATE MACRO est_siret(identifiant) AS CASE
    WHEN NOT regexp_full_match(identifiant, '[0-9]{14}') OR ends_with(identifiant, '00000') THEN false
    WHEN starts_with(identifiant, '356000000') AND identifiant <> '35600000000048'
        THEN (rangs_pairs(TRY_CAST(identifiant AS BIGINT)) + rangs_pairs(TRY_CAST(identifiant AS BIGINT) // 10)) % 5 = 0
    ELSE luhn(TRY_CAST(identifiant AS BIGINT)) AND luhn(TRY_CAST(identifiant AS BIGINT) // 100000)
END;

-- The wave in the id of an award: « fdt-09 » in « lieu-0012_fdt-09 ». Null when the award has none.
-- DuckDB 2.0 cannot filter on split_part of a column that is all null, hence the list.
CREATE MACRO vague_de_l_attribution(attribution) AS nullif(string_split(attribution, '_')[2], 'vague-inconnue');
CREATE MACRO identifiant_d_attribution(lieu, vague, occurrence) AS
    concat_ws('_', lieu, coalesce(vague, 'vague-inconnue'), nullif(occurrence, 1));

-- An id of our own for a line that brings none: 12 hexadecimal digits of what the caller gives, which names nobody.
CREATE MACRO empreinte(texte) AS left(sha256(texte), 12);
