-- Words of a declared legal form, and what they establish. A form is free text: it is evidence of a legal person only when the whole
-- of it is a term of this list, or when it begins with a term that means nothing else (« tete »): « artiste-auteur, ville de Lyon »
-- proves nothing. One word anywhere that speaks of a natural person, or of a body without legal personality, takes the evidence away.
CREATE TABLE travail.formes_juridiques (terme VARCHAR PRIMARY KEY, etablit VARCHAR NOT NULL, place VARCHAR NOT NULL);

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'association', 'fondation', 'fonds de dotation', 'cooperative', 'mutuelle', 'congregation', 'syndicat', 'federation',
    'scic', 'scop', 'sarl', 'eurl', 'sas', 'sasu', 'semop', 'gie', 'gip', 'sa scic', 'sa scop', 'sa cooperative', 'sa d hlm',
    'societe cooperative', 'societe anonyme', 'societe a responsabilite limitee', 'societe par actions', 'societe civile',
    'societe d economie mixte', 'societe publique locale', 'societe en nom collectif', 'societe mutualiste',
    'groupement d interet public', 'groupement d interet economique', 'personne morale',
    'commune de', 'commune d', 'commune du', 'commune des', 'mairie de', 'mairie d', 'mairie du', 'mairie des', 'ville de',
    'ville d', 'conseil regional', 'conseil departemental', 'collectivite territoriale', 'collectivite locale', 'collectivite de', 'metropole de', 'metropole d', 'epci',
    'petr', 'communaute de communes', 'communaute d agglomeration', 'communaute urbaine', 'service de l etat', 'prefecture',
    'ccas', 'cias', 'centre communal d action sociale', 'centre intercommunal d action sociale',
    'etablissement public', 'epic', 'epfl', 'universite', 'lycee', 'regie personnalisee', 'regie autonome',
    'chambre de commerce', 'chambre de metiers', 'chambre d agriculture'
]), 'personne_morale', 'tete';

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'sa', 'sci', 'snc', 'scp', 'sem', 'spl', 'epa', 'epl', 'societe', 'societe commerciale', 'regie', 'commune', 'mairie', 'ville',
    'departement', 'region', 'collectivite', 'metropole', 'intercommunalite'
]), 'personne_morale', 'entiere';

INSERT INTO travail.formes_juridiques
SELECT DISTINCT concat_ws(' ', 'region', normalise(nom)), 'personne_morale', 'entiere' FROM reference.regions WHERE normalise(nom) IS NOT NULL;

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'entrepreneur', 'entrepreneuse', 'entreprise individuelle', 'individuel', 'individuelle', 'ei', 'eirl', 'micro entreprise',
    'auto entreprise', 'autoentrepreneur', 'autoentrepreneuse', 'microentrepreneur', 'microentrepreneuse', 'microentreprise',
    'personne physique', 'particulier', 'particuliere', 'liberal', 'liberale', 'nom propre', 'independant', 'independante',
    'artisan', 'artisane', 'artiste', 'auteur', 'auteure', 'autrice', 'agriculteur', 'agricultrice', 'commercant', 'commercante',
    'exploitant', 'exploitante', 'freelance', 'etudiant', 'etudiante', 'monsieur', 'madame', 'mme'
]), 'personne_physique', 'partout';

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'de fait', 'non declaree', 'non declare', 'en creation', 'en cours', 'en formation', 'en projet', 'en participation',
    'indivision', 'sans personnalite',
    -- What somebody is in a body, or for it: « Mairie de X (conseillère) » is not the town hall.
    'conseiller', 'conseillere', 'elu', 'elue', 'adjoint', 'adjointe', 'president', 'presidente', 'directeur', 'directrice', 'gerant',
    'gerante', 'tresorier', 'tresoriere', 'fondateur', 'fondatrice', 'salarie', 'salariee', 'employe', 'employee', 'benevole', 'membre', 'adherent',
    'adherente', 'stagiaire', 'retraite', 'retraitee', 'enseignant', 'enseignante', 'professeur', 'professeure', 'animateur', 'animatrice',
    'fonctionnaire', 'represente par', 'representee par', 'a titre personnel', 'en tant que', 'au nom de', 'pour le compte de', 'portage'
]), 'sans_preuve', 'partout';

-- What each declared form establishes. The natural person wins over the rest, so that a doubt masks.
CREATE TABLE travail.formes_declarees AS
WITH formes AS (
    SELECT forme_juridique AS forme FROM livre.resultats
    UNION SELECT forme_juridique FROM livre.lieux
    UNION SELECT formeJuridiqueBeneficiaire FROM livre.conventions
    UNION SELECT formeJuridiqueBeneficiaire FROM livre.subventions
    UNION SELECT forme_juridique FROM livre.candidatures
)
SELECT
    forme,
    bool_or(f.etablit = 'personne_physique') AS physique,
    bool_or(f.etablit = 'personne_morale') AND NOT bool_or(f.etablit <> 'personne_morale') AS morale
FROM formes JOIN travail.formes_juridiques AS f ON CASE f.place
    WHEN 'entiere' THEN normalise(forme) = f.terme
    WHEN 'tete' THEN starts_with(normalise(forme) || ' ', f.terme || ' ')
    ELSE contains(' ' || normalise(forme) || ' ', ' ' || f.terme || ' ')
END
GROUP BY forme;
