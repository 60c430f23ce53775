"""What the writer of the Go verifier had to guess, and each guess turned the other way.

A row: what was guessed, the file of `go/verify`, what stands there, what would stand there otherwise. The numbers are those of
`go/verify/README.md`. `test_go_guesses` shows that the vectors tell each from what is right.
"""

from typing import NamedTuple


class Guess(NamedTuple):
    """One guess. `right` stands once in the file."""

    what: str
    file: str
    right: str
    otherwise: str


GUESSES = (
    Guess(
        "1: without a cosignature that counts, the newest entry tells the time",
        "steps.go",
        "} else if c.mapHeld && !c.trust.policy.asks() {",
        "} else if c.mapHeld {",
    ),
    Guess("1: with quorum none, the list's time", "steps.go", "seconds = c.newestEntry() / 1000", "seconds += 0"),
    Guess(
        "1: the oldest cosignature",
        "policy.go",
        "newest = max(newest, seconds)",
        "if newest == 0 || seconds < newest {\nnewest = seconds\n}",
    ),
    Guess(
        "1: too few cosignatures tell the time",
        "policy.go",
        'return 0, failed("quorum")',
        'return newest, failed("quorum")',
    ),
    Guess(
        "1: the map is held whatever its organization",
        "steps.go",
        "if err := c.organizationNewest(); err != nil {",
        "c.mapHeld = true\nif err := c.organizationNewest(); err != nil {",
    ),
    Guess("1: the last list tells the time", "steps.go", "if c.list == nil {", "if c.list != e {"),
    Guess(
        "1: a completeness file is dated by its entries",
        "completeness.go",
        'if s.passed("checkpoint_signed") && !t.policy.asks() {',
        "if seconds == 0 && file != nil {",
    ),
    Guess(
        "1: an unsigned completeness file is dated by its entries where no witness is asked",
        "completeness.go",
        'if s.passed("checkpoint_signed") && !t.policy.asks() {',
        "if file != nil && !t.policy.asks() {",
    ),
    Guess("2: 11 levels", "nquads.go", "maxNodes  = 12", "maxNodes  = 11"),
    Guess("2: 13 levels", "nquads.go", "maxNodes  = 12", "maxNodes  = 13"),
    Guess(
        "3: true and false of a literal with a datatype are refused",
        "nquads.go",
        'if datatype == "" {\n\t\t\tdatatype = xsd + "boolean"\n\t\t}',
        'if datatype != "" {\nreturn "", errCanonical\n}\ndatatype = xsd + "boolean"',
    ),
    Guess(
        "4: a term that cannot be used may be defined again",
        "nquads.go",
        'before.kind == "" || before.guarded',
        "before.guarded",
    ),
    Guess("4: protection is no part of a definition", "nquads.go", " && t.guarded == other.guarded", ""),
    Guess(
        "5: the day of an entry must exist",
        "entry.go",
        "\treturn e, true\n",
        "\tif s := text(e.effective); len(s) == 10 && !isDay(s) {\nreturn nil, false\n}\nreturn e, true\n",
    ),
    Guess(
        "5: there is a year 0",
        "entry.go",
        "return t.Unix(), err == nil && t.Format(timeForm) == s && t.Year() >= 1",
        "return t.Unix(), err == nil && t.Format(timeForm) == s",
    ),
    Guess("6: an entry may refer to itself", "entry.go", "whole(index) >= e.index", "whole(index) > e.index"),
    Guess(
        "7: the schema's address before what it says",
        "steps.go",
        "if !t.schemas[name].fits(credential) {",
        'if id != t.base+"/schemas/"+name+".json" {\nreturn failed("schema_id")\n}\nif !t.schemas[name].fits(credential) {',
    ),
    Guess("7: a subject of any id", "steps.go", 'return failed("subject_id")', "return nil"),
    Guess("7: a credential's id of any length", "steps.go", "[1-9][0-9]{0,8}$", "[1-9][0-9]*$"),
    Guess(
        "8: a key of any use",
        "steps.go",
        't.proofsHold(credential, c.issuer, "credential")',
        't.proofsHold(credential, c.issuer, "")',
    ),
    Guess("8: a list by a key of any use", "status.go", 'c.issuer, "status")', 'c.issuer, "")'),
    Guess(
        "9: the type of a proof before its key",
        "proof.go",
        'key, known := by.key(text(proof["verificationMethod"]), use)',
        'if proof["type"] != "DataIntegrityProof" {\nreturn failed("proof")\n}\n'
        'key, known := by.key(text(proof["verificationMethod"]), use)',
    ),
    Guess(
        "9: the chain of a proof before its key",
        "proof.go",
        'key, known := by.key(text(proof["verificationMethod"]), use)',
        'if _, chained := proof["previousProof"]; chained {\nreturn failed("proof")\n}\n'
        'key, known := by.key(text(proof["verificationMethod"]), use)',
    ),
    Guess(
        "9: the last proof first",
        "proof.go",
        "for _, proof := range proofs {\n\t\tif err := t.proofHolds",
        "for _, proof := range slices.Backward(proofs) {\n\t\tif err := t.proofHolds",
    ),
    Guess(
        "9: the form of a signature after the canonical form",
        "proof.go",
        'sig, ok := fromBase58(text(proof["proofValue"]))\n\tif !ok || ',
        'sig, _ := fromBase58(text(proof["proofValue"]))\n\tif ',
    ),
    Guess("9: what is no object in its turn", "proof.go", "_, ok := proof.(map[string]any); !ok", "proof == nil"),
    Guess("10: a list's key need not stand in issuerKeys", "status.go", "if !c.keysStand(of.document) {", "if false {"),
    Guess(
        "10: a list's key before its proofs",
        "status.go",
        "if err := c.trust.proofsHold(of.document",
        'if !c.keysStand(of.document) {\nreturn failed("issuer_keys")\n}\nif err := c.trust.proofsHold(of.document',
    ),
    Guess(
        "10: of two of one id the first",
        "steps.go",
        'listed[text(object(v)["id"])] = object(v)["publicKeyMultibase"]',
        'if id := text(object(v)["id"]); listed[id] == nil {\nlisted[id] = object(v)["publicKeyMultibase"]\n}',
    ),
    Guess("11: base64url with other last bits", "status.go", "base64.RawURLEncoding.Strict()", "base64.RawURLEncoding"),
    Guess("11: something behind the gzip", "status.go", "source.Len() > 0 || ", ""),
    Guess("11: two gzip members", "status.go", "member.Multistream(false)", "member.Multistream(true)"),
    Guess("11: not a whole mebibyte", "status.go", "len(out) > mostBytes {", "len(out) >= mostBytes {"),
    Guess(
        "11: a list too long is of a wrong length",
        "status.go",
        "|| len(out) > mostBytes {",
        '{\nreturn nil, failed("status_list")\n}\n'
        'if len(out) > mostBytes {\nreturn nil, failed("status_list_length")\n}\nif false {',
    ),
    Guess("11: a list too short is none", "status.go", 'failed("status_list_length")', 'failed("status_list")'),
    Guess(
        "11: a place beyond the list is another list's", "status.go", 'failed("status_index")', 'failed("status_list")'
    ),
    Guess(
        "12: a credential without credentialStatus is not of its form",
        "status.go",
        "if !there {",
        "if !there && false {",
    ),
    Guess("12: any purpose in current", "steps.go", 'if listMembers[s.purpose] == "" || ', "if "),
    Guess(
        "12: the place in the list matters in current",
        "steps.go",
        "func (c *check) listNewest(s statusOf) error {",
        'func (c *check) listNewest(s statusOf) error {\nif s.index == 0 {\nreturn failed("status_form")\n}',
    ),
    Guess("13: erasures say nothing", "later.go", 'if l.kind == "erase" {', "if false {"),
    Guess(
        "13: an erasure ends a state",
        "later.go",
        'e.kind == "correct") &&',
        'e.kind == "correct" || e.kind == "erase") &&',
    ),
    Guess(
        "13: an erased state holds on a day before",
        "steps.go",
        '(code != "superseded" || c.on == "")',
        'c.on == ""',
    ),
    Guess("14: a key's id may stand twice", "trust.go", "!ok || ids[id]", "!ok"),
    Guess("14: a Multikey that is none", "trust.go", "!ok || ids[id]", "!ok && ids[id]"),
    Guess("14: an issuer may stand twice", "trust.go", 't.issuer(text(i["did"])) != nil || ', ""),
    Guess(
        "15: a cosignature of the future is as if there were none",
        "policy.go",
        "seen = seen || seconds > 0",
        "seen = seen || seconds > 0 && seconds <= at+maxSkew",
    ),
    Guess(
        "15: of several cosignatures the oldest",
        "note.go",
        "newest = max(newest, seconds)",
        "if newest == 0 || seconds < newest {\nnewest = seconds\n}",
    ),
    Guess(
        "16: later null where nothing came later is untrue",
        "steps.go",
        "case c.evidence.tooMany:",
        'case c.evidence.tooMany && n.index <= e.index:\nreturn failed("latest_differs")\ncase c.evidence.tooMany:',
    ),
    Guess("17: 59 seconds", "note.go", "maxSkew      = 60", "maxSkew      = 59"),
    Guess("17: 61 seconds", "note.go", "maxSkew      = 60", "maxSkew      = 61"),
    Guess("17: a time ahead is none", "steps.go", 'failed("in_future")', 'failed("time")'),
    Guess("18: SHA-384 with P-256", "proof.go", "sha256.Sum256(hashed256(", "sha256.Sum256(hashed384("),
    Guess("18: SHA-256 with P-384", "proof.go", "sha512.Sum384(hashed384(", "sha512.Sum384(hashed256("),
    Guess(
        "18: the lower of two values of s alone",
        "proof.go",
        "return ecdsa.Verify(",
        "if new(big.Int).Lsh(s, 1).Cmp(k.ecdsa.Params().N) > 0 {\nreturn false\n}\nreturn ecdsa.Verify(",
    ),
    Guess(
        "18: DER",
        "proof.go",
        "if len(sig) != 2*half {",
        "if ecdsa.VerifyASN1(k.ecdsa, digest(half, options, statement), sig) {\nreturn true\n}\nif len(sig) != 2*half {",
    ),
    Guess("19: 99,999 values", "json.go", "r.values > maxValues", "r.values >= maxValues"),
    Guess("19: names are values", "json.go", "name, err := r.str()", "r.values++\nname, err := r.str()"),
    Guess("19: lists are no values", "json.go", "r.at++\n\t\tif c == '{' {", "r.at++\nr.values--\nif c == '{' {"),
    Guess("20: a signature of no byte", "note.go", "len(sig) < 5", "len(sig) < 4"),
    Guess("20: a signature of two bytes", "note.go", "len(sig) < 5", "len(sig) < 6"),
    Guess(
        "20: a note without signature lines",
        "note.go",
        "n := &note{text: s[:end+1]}",
        'n := &note{text: s[:end+1]}\nif s[end+2:] == "" {\nreturn n, nil\n}',
    ),
    Guess("21: the day of what replaced it", "steps.go", "by.kind, by.effective}", "by.kind, by.day()}"),
    Guess("a policy of 47 witnesses", "policy.go", "maxWitnesses = 48", "maxWitnesses = 47"),
    Guess("a policy of 49 witnesses", "policy.go", "maxWitnesses = 48", "maxWitnesses = 49"),
    Guess("a policy of 47 groups", "policy.go", "maxGroups    = 48", "maxGroups    = 47"),
    Guess("a policy of 49 groups", "policy.go", "maxGroups    = 48", "maxGroups    = 49"),
    Guess(
        "the log of the map by its key",
        "policy.go",
        "return k.name == name",
        "return k.name == name && len(p.logs) > 5",
    ),
    Guess("an index of 2^53", "note.go", "|| index > maxWhole ", ""),
)
