"""The legal forms that end a name, in English and French, as codes.

And other words that tell little. A table of facts, mostly Canadian: what corporate statutes let or make a name end with. Forms
written differently but meaning the same share a code (Ltd, Limited, Ltée, Limitée). Words are folded as
`search/question/names.py` folds them: lower case, no accents, dotted letters joined. Applying the table is left to that file.
"""

_FORMS = {
    "ltd": "ltd | limited | ltee | limitee | pty ltd | pte ltd | private limited | company limited | co ltd",
    "inc": "inc | incorporated | incorporee | incorporation",
    "corp": "corp | corporation",
    "co": "co | company | cie | compagnie",
    "ulc": (
        "ulc | unlimited liability company | unlimited liability corporation | unlimited liability co | unlimited"
        " | societe a responsabilite illimitee | sri"
    ),
    "llc": "llc | limited liability company | limited liability co | sarl | societe a responsabilite limitee | srl",
    "llp": (
        "llp | limited liability partnership | sencrl | societe en nom collectif a responsabilite limitee"
        " | societe a responsabilite limitee en nom collectif"
    ),
    "lllp": "lllp | limited liability limited partnership",
    "lp": "lp | limited partnership | sec | societe en commandite",
    "gp": "gp | general partnership | senc | snc | societe en nom collectif",
    "ccc": "ccc | community contribution company | community contribution co",
    "benefit": "benefit company | benefit co | societe interet social | societe d interet social",
    "coop": (
        "coop | cooperative | coop association | cooperative association | coop assn | cooperative assn"
        " | cooperative society | societe cooperative | association cooperative"
    ),
    "enr": "enr | enreg | enregistree",
    "plc": "plc | public limited company",
    "sa": "sa | societe anonyme",
    "sas": "sas | societe par actions simplifiee",
    "se": "se | societas europaea",
    "gmbh": "gmbh",
    "ag": "ag | aktiengesellschaft",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab | aktiebolag",
    "spa": "spa",
    "ltda": "ltda | limitada",
}

#: words of a form -> its code
LEGAL_FORMS: dict[tuple[str, ...], str] = {
    tuple(form.split()): code for code, forms in _FORMS.items() for form in forms.split(" | ")
}

#: the longest form, in words
LONGEST_FORM = max(len(form) for form in LEGAL_FORMS)

#: dropped from the core of a name that has other words
STOP_WORDS = frozenset({"the", "and", "of", "le", "la", "les", "de", "du", "des", "et"})

#: abbreviation -> the word that it stands for
ABBREVIATIONS = {
    "assn": "association",
    "assoc": "association",
    "bldg": "building",
    "bros": "brothers",
    "center": "centre",
    "dev": "development",
    "ent": "enterprises",
    "govt": "government",
    "intl": "international",
    "mfg": "manufacturing",
    "mgmt": "management",
    "mt": "mount",
    "natl": "national",
    "st": "saint",
    "ste": "saint",
    "sainte": "saint",
    "svc": "services",
    "svcs": "services",
    "univ": "university",
}
