"""The legal forms of names, in English and French, as codes.

A table of facts, mostly Canadian: what corporate statutes let or make a name end with. Forms written differently but meaning the
same share a code (Ltd, Limited, Ltée, Limitée). Words are folded as `search/question/letters.py` folds them, dotted letters
joined. `ELF`: the codes of ISO 20275 (list of 2023-09-28) by form and ISO 3166 place. Applying the table is left to
`search/question/names.py`.
"""

_FORMS = {
    "ltd": "ltd | limited | ltee | limitee | pty ltd | pte ltd | private limited | company limited | co ltd | pvt ltd | ltd co",
    "inc": "inc | incorporated | incorporee | incorporation",
    "corp": "corp | corporation",
    "co": "co | company | cie | compagnie",
    "ulc": (
        "ulc | unlimited liability company | unlimited liability corporation | unlimited liability co | unlimited"
        " | unlimited company | societe a responsabilite illimitee | sri"
    ),
    "llc": "llc | limited liability company | limited liability co | sarl | societe a responsabilite limitee | srl",
    "llp": (
        "llp | limited liability partnership | sencrl | societe en nom collectif a responsabilite limitee"
        " | societe a responsabilite limitee en nom collectif | sencrl srl"
    ),
    "lllp": "lllp | limited liability limited partnership",
    "lp": "lp | limited partnership | sec | societe en commandite",
    "gp": "gp | general partnership | senc | snc | societe en nom collectif",
    "ccc": "ccc | community contribution company | community contribution co",
    "cic": "cic | community interest company",
    "benefit": "benefit company | benefit co | benefit corporation | societe interet social | societe d interet social",
    "coop": (
        "coop | cooperative | coop association | cooperative association | coop assn | cooperative assn | coop assoc"
        " | cooperative society | societe cooperative | association cooperative | cooperatif | cooperation"
    ),
    "pc": "pc | professional corporation | professional corp | corporation professionnelle",
    "spa_ca": "societe par actions | sarf",
    "enr": "enr | enreg | enregistree | enrg",
    "reg": "reg d",
    "plc": "plc | public limited company",
    "sa": "sa | societe anonyme | sociedad anonima | sa de cv",
    "sas": "sas | societe par actions simplifiee",
    "se": "se | societas europaea",
    "gmbh": "gmbh | gesellschaft mit beschrankter haftung | gmbh co kg | gmbh and co kg | mbh",
    "kg": "kg | co kg",
    "ug": "ug | ug haftungsbeschrankt",
    "ev": "ev | eingetragener verein",
    "ag": "ag | aktiengesellschaft",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab | aktiebolag",
    "aps": "aps | anpartsselskab",
    "oy": "oy | oyj",
    "spa": "spa",
    "ltda": "ltda | limitada | lda",
    "lta": "cyf",
    "kk": "kk | kabushiki kaisha | kabushiki gaisha",
    "yk": "yk | yugen kaisha | yugen gaisha",
    "gk": "gk | godo kaisha | godo gaisha",
}

#: forms of names in Han, kana and hangul, which stand in front or behind, without a space
_JOINED_FORMS = {
    "kk": "株式会社 | (株) | 株式會社 | カブシキガイシャ",
    "yk": "有限会社 | (有) | 有限會社",
    "gk": "合同会社 | (同) | (合)",
    "gp": "合名会社 | (名)",
    "lp": "合資会社 | (資)",
    "npo": "特定非営利活動法人 | npo法人",
    "assn": "一般社団法人 | 公益社団法人 | 社団法人 | (社)",
    "found": "一般財団法人 | 公益財団法人 | 財団法人 | (財)",
    "medical": "医療法人社団 | 医療法人財団 | 医療法人 | 社会医療法人 | (医)",
    "welfare": "社会福祉法人 | (福)",
    "school": "学校法人 | 準学校法人 | 国立大学法人 | (学)",
    "religious": "宗教法人 | (宗)",
    "agricultural": "農事組合法人",
    "union": "協同組合 | 協業組合 | 企業組合",
    "admin": "独立行政法人 | 地方独立行政法人",
    "ltd": "有限公司 | 有限责任公司 | 有限責任公司 | 유한회사 | (유)",
    "plc": "股份有限公司 | 股份公司 | 주식회사 | (주)",
}

#: words of a form -> its code
LEGAL_FORMS: dict[tuple[str, ...], str] = {
    tuple(form.split()): code for code, forms in _FORMS.items() for form in forms.split(" | ")
}

#: what a form ends with
END_FORMS = frozenset(form[-1] for form in LEGAL_FORMS)
#: the longest form, in words
LONGEST_FORM = max(len(form) for form in LEGAL_FORMS)

#: text of a form without spaces -> its code, the longest first
JOINED_FORMS: dict[str, str] = dict(
    sorted(
        ((form, code) for code, forms in _JOINED_FORMS.items() for form in forms.split(" | ")),
        key=lambda item: (-len(item[0]), item[0]),
    )
)

#: long words that are forms by themselves: what is like one of them tells no more than it
FORM_WORDS = frozenset(form[0] for form in LEGAL_FORMS if len(form) == 1 and len(form[0]) > 5) | {
    "company",
    "partnership",
}

_COMPANY = (
    "CA UDLA | CA-AB 8ZH8 | CA-BC YG5M | CA-MB FN6X | CA-NB B3RX | CA-NL ASWX | CA-NS ULJ1 | CA-NT PIDT | CA-ON O90R"
    " | CA-PE PFPW | CA-SK UWMY"
)
_ELF = {
    "ltd": _COMPANY,
    "inc": _COMPANY,
    "corp": _COMPANY,
    "ulc": "CA-AB J3C5 | CA-BC YG5M | CA-NS 42GN | CA-PE QZMH",
    "ccc": "CA-BC YG5M",
    "cic": "CA-NS 3M14",
    "llp": (
        "CA-AB U938 | CA-BC LNBY | CA-MB G9PJ | CA-NB 8MEC | CA-NL SYPT | CA-NS 8OZ0 | CA-NT 85EC | CA-ON PCO0 | CA-SK 5D9I"
    ),
    "lp": (
        "CA-AB RN4K | CA-BC 23V9 | CA-MB OPRT | CA-NB 7P8Y | CA-NL 1E9M | CA-NS T0CV | CA-NT TA98 | CA-ON 1JGX | CA-PE E281"
        " | CA-QC RQIC | CA-SK 7IKZ"
    ),
    "gp": (
        "CA-AB KVC1 | CA-BC O13B | CA-MB RBBY | CA-NB 3Q15 | CA-NS 2FHC | CA-NT VAPN | CA-ON HQKE | CA-PE Y33B | CA-QC YRUJ"
        " | CA-SK LMSY"
    ),
    "coop": (
        "CA MGE0 | CA-AB BASA | CA-BC AW80 | CA-MB GM04 | CA-NB IKMB | CA-NL 3Y5V | CA-NS FQJ9 | CA-NT KAM9 | CA-ON FBQL"
        " | CA-PE X6N9 | CA-QC QB2W | CA-SK JNCJ"
    ),
    "pc": "CA-AB C9KZ | CA-NB 44LR | CA-NT QN8Y | CA-PE LT1Y",
}
#: code of a form -> place of registration (ISO 3166) -> code of ISO 20275
ELF: dict[str, dict[str, str]] = {
    code: dict(pair.split() for pair in pairs.split(" | ")) for code, pairs in _ELF.items()
}
