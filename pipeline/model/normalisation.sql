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

-- Whether a name itself says a natural person: a civility at its head (« Mme X », « M. X », not « M.J.C. » nor « M. le Maire », which is
-- an office) or at its end (« X (Mme) »), or the form of one who trades in their own name (« X EI »). Null says nothing: false.
CREATE MACRO dit_une_personne_physique(nom) AS coalesce(
    regexp_matches(nom, '^[^\p{L}\p{N}]*(m(\.\s+\p{L}|[.\s]\s*\p{L}{2})|mr\b|mm\.|mmes?\b|mlles?\b|monsieur\b|madame\b|mademoiselle\b)', 'i')
    AND NOT regexp_matches(nom, '^[^\p{L}\p{N}]*(m\.?|mr|mme|monsieur|madame)\s+(le|la|l.)\s*'
        '(maire|pr.sident|directeur|directrice|pr.fet|tr.sori|proviseur|principal|recteur|rectrice|receveu|comptable|agent comptable)', 'i')
    OR regexp_matches(nom, '[\s,(](mme|mlle|mr|m\.)[^\p{L}\p{N}]*$', 'i')
    OR regexp_matches(nom, '(^|[^\p{L}\p{N}.])(ei|e\.\s?i\.?|eirl|e\.i\.r\.l\.?|entrepr(eneure?|eneuse|ise)[\s-]individuel(le)?'
        '|(auto|micro)[\s-]?entrepr(eneure?|eneuse|ise))([^\p{L}\p{N}]|$)', 'i'), false);
