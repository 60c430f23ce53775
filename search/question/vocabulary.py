"""Words that are written in several ways, in English and French.

Abbreviations, spellings, numbers, provinces: tables of facts. Words are folded as `search/question/letters.py` folds them.
Applying them is left to `search/question/names.py`.
"""

#: dropped from the core of a name that has other words
STOP_WORDS = frozenset(
    {"the", "and", "of", "le", "la", "les", "de", "du", "des", "et", "und", "di", "del", "der", "das"}
)

#: a word -> the words that it may stand for, the surest first
_SAME = """
association assn assoc ass asso assocs
avenue ave
brothers bros
building bldg
canadian cdn cndn
centre center ctr centr
commission comm
committee cttee
community cmty
construction constr const
consulting consltg
college coll
corporate corporates
department dept departement
development dev devt dvlpmt
distribution distrib
division div
electric elec electrique
engineering engrg engr
enterprises ent entreprises entrprs entrp
equipment equip
federation fed
foundation fdn fndn fondation foundn
general gen
government govt
group grp groupe
health hlth
holdings hldgs hldg
hospital hosp hopital
hour hr
industries ind indus
institute inst institut instituto istituto
insurance ins
international intl int internl
investments invest invts
laboratory lab laboratories labs laboratoire
management mgmt mgt mngmt
manufacturing mfg mfrs manuf
marketing mktg
medical med
mount mt
mountain mtn
national natl nat
north n
number no num numero nr
philosophy phil
products prod
production productions
professional prof
properties props
public pub
research res
restaurant rest
road rd
saint st ste sainte
school sch
science sci
services svc svcs serv svce service
society soc societe
systems sys
technologies tech technol technology
transport transp transportation
university univ universite universidad universitat universita universidade universiteit
west w
labor labour
color colour
harbor harbour
neighbor neighbour
neighborhood neighbourhood
honor honour
favor favour
armor armour
flavor flavour
parlor parlour
odor odour
theatre theater
metre meter
litre liter
fibre fiber
calibre caliber
lustre luster
spectre specter
program programme
catalog catalogue
dialog dialogue
grey gray
jewelry jewellery jeweller jewelers jewellers
licence license
defence defense
practice practise
cheque check
plough plow
mould mold
tyre tire
aluminum aluminium
traveller traveler
travelling traveling
wagon waggon
doughnut donut
draft draught
storey story
artifact artefact
pediatric paediatric
orthopedic orthopaedic
encyclopedia encyclopaedia
archaeology archeology
esthetics aesthetics
esthetic aesthetic
anesthesia anaesthesia
whisky whiskey
lite light
nite night
thru through
kwik quick
xpress express
yoghurt yogurt
"""
#: a word -> its canonical form
CANONICAL: dict[str, str] = {}
for _line in _SAME.split("\n"):
    for _word in _line.split():
        CANONICAL.setdefault(_word, _line.split()[0])

_NUMBERS = """
1 one i
2 two ii deux
3 three iii trois
4 four iv quatre
5 five v cinq
6 six vi
7 seven vii
8 eight viii huit
9 nine ix
10 ten x
11 eleven xi onze
12 twelve xii douze
13 thirteen xiii treize
14 fourteen xiv quatorze
15 fifteen xv quinze
16 sixteen xvi seize
17 seventeen xvii
18 eighteen xviii
19 nineteen
20 twenty vingt
30 thirty trente
40 forty quarante
50 fifty cinquante
60 sixty soixante
70 seventy
80 eighty
90 ninety
1st first 1er 1ere 1re
2nd second deuxieme 2e 2eme 2nde
3rd third troisieme 3e 3eme
4th fourth quatrieme 4e 4eme
5th fifth cinquieme 5e 5eme
6th sixth 6e 6eme
7th seventh 7e 7eme
8th eighth 8e 8eme
9th ninth 9e 9eme
10th tenth 10e 10eme
11th eleventh 11e 11eme
12th twelfth 12e 12eme
20th twentieth 20e 20eme
"""
#: a number or a place in a row, in words or Roman figures -> in digits
NUMBERS: dict[str, str] = {word: line.split()[0] for line in _NUMBERS.split("\n") for word in line.split()[1:]}
#: words after which a smaller number is counted to them
TENS = frozenset({"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"})
#: these are numbers only where a word stands before them: `V Foods`, but `Apollo V`
LETTER_NUMBERS = frozenset({"i", "v", "x"})

_PLACES = """
bc: british columbia | colombie britannique
alberta: alta
saskatchewan: sask | sk
manitoba: mb
ontario: ont
quebec: qc | pq | que
nb: new brunswick | nouveau brunswick
ns: nova scotia | nouvelle ecosse
pei: pe | prince edward island | ile du prince edouard | ile prince edouard | ipe
nl: newfoundland and labrador | newfoundland labrador | newfoundland | terre neuve et labrador | terre neuve | nfld | tnl
nwt: nt | northwest territories | north west territories | territoires du nord ouest | tno
yukon: yt | yukon territory | territoire du yukon
usa: united states of america | united states | etats unis
uk: united kingdom | royaume uni
"""
#: words of a place -> the one word for it; the longest first
PLACES: dict[tuple[str, ...], str] = {
    tuple(place.split()): line.split(":")[0]
    for line in _PLACES.split("\n")
    if line
    for place in line.split(": ")[1].split(" | ")
}
#: French abbreviations with hyphens -> the one word for the place
DOTTED_PLACES = {
    "c b": "bc", "n b": "nb", "n e": "ns", "t n l": "nl", "t n o": "nwt", "i p e": "pei",
}  # fmt: skip
BEGIN_PLACES = frozenset(place[0] for place in PLACES)
LONGEST_PLACE = max(len(place) for place in PLACES)
