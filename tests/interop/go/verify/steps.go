package main

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// verdict is the answer on an evidence file, of the form of
// /schemas/verdict/v1.
type verdict struct {
	Verdict      string        `json:"verdict"`
	AsOf         *string       `json:"asOf"`
	On           *string       `json:"on"`
	Organization *organization `json:"organization"`
	InForce      *inForce      `json:"inForce"`
	ReplacedBy   *replacement  `json:"replacedBy"`
	Steps        steps         `json:"steps"`
}

type organization struct {
	Register string  `json:"register"`
	Number   string  `json:"number"`
	Name     any     `json:"name"`
	Status   any     `json:"status"`
	Since    string  `json:"since"`
	Permit   *permit `json:"permit,omitempty"`
}

type permit struct {
	Kind   string `json:"kind"`
	Status string `json:"status"`
	From   string `json:"from"`
	Until  any    `json:"until"`
	Holder holder `json:"holder"`
}

type holder struct {
	Register string `json:"register"`
	Number   string `json:"number"`
	Name     string `json:"name"`
}

type replacement struct {
	Index     int64  `json:"index"`
	Kind      string `json:"kind"`
	Effective any    `json:"effective"`
}

// check is one run over an evidence file.
type check struct {
	trust      *trust
	evidence   *evidence
	at         int64
	on         string
	issuerID   string
	issuer     *issuer
	checkpoint *checkpoint
	note       *note
	cosigned   int64  // the newest cosignature that counted, else 0
	list       *entry // of the first list that was proved
	mapHeld    bool
	steps      steps
}

func verifyEvidence(raw []byte, t *trust, at int64, on string) verdict {
	c := &check{trust: t, at: at, on: on}
	c.steps.run("well_formed", func() (err error) {
		c.evidence, err = parseEvidence(raw, t.published)
		return err
	})
	if c.evidence != nil {
		c.issuerID = idOf(c.credential()["issuer"])
		c.issuer = t.issuer(c.issuerID)
	}
	c.steps.run("issuer_trusted", c.issuerTrusted, "well_formed")
	c.steps.run("proof_valid", c.proofValid, "well_formed", "issuer_trusted")
	c.steps.run("in_validity", c.inValidity, "well_formed", "issuer_trusted")
	c.steps.run("checkpoint_signed", c.checkpointSigned, "well_formed")
	c.steps.run("witnessed", c.witnessed, "well_formed", "checkpoint_signed")
	c.steps.run("entry_matches", c.entryMatches, "well_formed")
	c.steps.run("included", c.included, "well_formed", "entry_matches", "checkpoint_signed")
	c.steps.run("not_revoked", c.notRevoked, "well_formed", "proof_valid", "included")
	c.steps.run("current", c.current, "well_formed", "included")
	return c.verdict()
}

func (c *check) credential() map[string]any { return c.evidence.credential.document }
func (c *check) subject() map[string]any    { return object(c.credential()["credentialSubject"]) }

// idOf is an issuer's id: the text, or the id of the object.
func idOf(v any) string {
	if s := text(v); s != "" {
		return s
	}
	return text(object(v)["id"])
}

func (c *check) issuerTrusted() error {
	if c.issuer == nil {
		return failed("issuer_unknown")
	}
	if !slices.Contains(c.issuer.registers, any(text(c.subject()["register"]))) {
		return failed("issuer_register")
	}
	own := 0
	for _, name := range list(c.credential()["type"]) {
		name, ok := name.(string)
		if !ok {
			return failed("issuer_type")
		}
		if name == "VerifiableCredential" {
			continue
		}
		if !slices.Contains(c.issuer.types, any(name)) {
			return failed("issuer_type")
		}
		own++
	}
	if own == 0 {
		return failed("issuer_type")
	}
	return nil
}

func (c *check) proofValid() error {
	t, credential, subject := c.trust, c.credential(), c.subject()
	if !t.known {
		return failed("context_not_pinned")
	}
	if !t.isContext(credential["@context"]) {
		return failed("context")
	}
	if err := t.proofsHold(credential, c.issuer, "credential"); err != nil {
		return err
	}
	name := "organization/v1"
	id := text(object(credential["credentialSchema"])["id"])
	for _, path := range []string{"organization/v2", "permit/v1"} {
		if strings.HasSuffix(id, "/schemas/"+path+".json") {
			name = path
		}
	}
	if !t.schemas[name].fits(credential) {
		return failed("schema")
	}
	if id != t.base+"/schemas/"+name+".json" {
		return failed("schema_id")
	}
	register, number := text(subject["register"]), text(subject["registrationNumber"])
	if subject["id"] != t.base+"/organizations/"+register+"/"+number {
		return failed("subject_id")
	}
	address := regexp.QuoteMeta(t.base + "/credentials/" + register + "/" + number + "/")
	if ok, _ := regexp.MatchString("^"+address+"[1-9][0-9]{0,8}$", text(credential["id"])); !ok {
		return failed("credential_id")
	}
	return nil
}

func (c *check) inValidity() error {
	times := []any{c.credential()["validFrom"]}
	for _, proof := range list(c.credential()["proof"]) {
		times = append(times, object(proof)["created"])
	}
	for _, v := range times {
		seconds, ok := parseTime(text(v))
		if !ok {
			return failed("time")
		}
		if seconds > c.at+maxSkew {
			return failed("in_future")
		}
	}
	return nil
}

func (c *check) checkpointSigned() (err error) {
	e := c.evidence
	signed := e.credential.proof.checkpoint
	for _, other := range []*part{e.lists["revocation"], e.lists["suspension"], &e.issuerKeys} {
		if other != nil && other.proof.checkpoint != signed {
			return failed("checkpoint_differs")
		}
	}
	c.note, c.checkpoint, err = c.trust.signedCheckpoint(e.origin, signed)
	return err
}

// signedCheckpoint reads a checkpoint of the ledger.
func (t *trust) signedCheckpoint(origin, signed string) (*note, *checkpoint, error) {
	n, err := parseNote(signed)
	if err != nil {
		return nil, nil, err
	}
	c, err := parseCheckpoint(n.text)
	if err != nil {
		return nil, nil, err
	}
	if origin != t.origin || c.origin != t.origin {
		return nil, nil, failed("origin")
	}
	return n, c, n.signedBy(t.ledgerKeys)
}

func (c *check) witnessed() (err error) {
	if !c.trust.policy.asks() {
		return notAsked()
	}
	c.cosigned, err = c.trust.policy.witnessed(c.note, c.at)
	return err
}

func (c *check) entryMatches() error {
	e := c.evidence.credential.entry
	if err := c.evidence.credential.committed(); err != nil {
		return err
	}
	if e.kind != "issue" && e.kind != "supersede" && e.kind != "correct" {
		return failed("entry_kind")
	}
	subject := c.subject()
	org := text(subject["register"]) + ":" + text(subject["registrationNumber"])
	if c.evidence.orgSalt != nil {
		org = pseudonym(c.evidence.orgSalt, org)
	}
	if e.org != org {
		return failed("entry_org")
	}
	if e.issuer != c.issuerID {
		return failed("entry_issuer")
	}
	if types := list(c.credential()["type"]); len(types) < 2 || types[1] != e.typ {
		return failed("entry_type")
	}
	if !same(object(subject["registrationEvent"])["eventDate"], e.effective) {
		return failed("entry_effective")
	}
	keys := c.evidence.issuerKeys
	if err := keys.committed(); err != nil {
		return err
	}
	if keys.entry.kind != "key" || keys.entry.issuer != c.issuerID || !c.keysStand(c.credential()) {
		return failed("issuer_keys")
	}
	return nil
}

// keysStand is whether each key of the document's proofs stands in the issuer's
// DID document as the trust file gives it. Of two of one id the last counts.
func (c *check) keysStand(document map[string]any) bool {
	listed := map[string]any{}
	for _, v := range list(c.evidence.issuerKeys.document["verificationMethod"]) {
		listed[text(object(v)["id"])] = object(v)["publicKeyMultibase"]
	}
	for _, proof := range list(document["proof"]) {
		method := text(object(proof)["verificationMethod"])
		if key, known := c.issuer.key(method, ""); !known || listed[method] != key {
			return false
		}
	}
	return true
}

func (c *check) included() error {
	if err := c.evidence.credential.includedIn(c.checkpoint); err != nil {
		return err
	}
	return c.evidence.issuerKeys.includedIn(c.checkpoint)
}

func (c *check) notRevoked() error {
	for _, s := range statuses(c.credential()) {
		err := c.notSet(s, func(e *entry) {
			if c.list == nil {
				c.list = e
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *check) current() error {
	e := c.evidence
	if !c.trust.requireCurrent && !e.hasLater {
		if c.on != "" {
			return unsure("later_missing")
		}
		return notAsked()
	}
	if e.latest == nil {
		return unsure("latest_missing")
	}
	if err := c.trust.mapUnder(e.latest.leaf, e.latest.proof, c.checkpoint, c.at); err != nil {
		return err
	}
	for _, s := range statuses(c.credential()) {
		if err := c.listNewest(s); err != nil {
			return err
		}
	}
	if err := c.organizationNewest(); err != nil {
		return err
	}
	c.mapHeld = true
	return c.standsOn()
}

// holds is whether the map holds the value under the key, by the way of n.
func (c *check) holds(key, value tlog.Hash, n *newest) error {
	if !mapHolds(c.evidence.latest.leaf.root, key, value, n.path) {
		return failed("map")
	}
	return nil
}

func (c *check) listNewest(s statusOf) error {
	if listMembers[s.purpose] == "" || !s.named {
		return failed("status_form")
	}
	of := c.evidence.lists[s.purpose]
	if of == nil {
		return failed("status_list_missing")
	}
	n := c.evidence.latest.lists[s.purpose]
	if n == nil {
		return unsure("latest_missing")
	}
	if err := c.holds(listKey(s.list), n.value(), n); err != nil {
		return err
	}
	if n.index != of.entry.index || n.leaf != of.entry.leaf {
		return failed("list_not_latest")
	}
	return nil
}

func (c *check) organizationNewest() error {
	e, n := c.evidence.credential.entry, c.evidence.latest.organization
	if n == nil {
		return unsure("latest_missing")
	}
	if c.evidence.hasLater && !c.evidence.tooMany {
		return c.grown(e, n)
	}
	if err := c.holds(organizationKey(e.org), n.value(), n); err != nil {
		return err
	}
	switch {
	case c.evidence.tooMany:
		return unsure("later_missing")
	case n.index > e.index:
		return failed("not_latest")
	case n.index < e.index || n.leaf != e.leaf:
		return failed("latest_differs")
	}
	return nil
}

// grown checks that the mini-log, from this entry on, grows by the later
// entries into what the map holds.
func (c *check) grown(e *entry, n *newest) error {
	before, isWhole := n.n.(int64)
	log, ok := newFrontier(uint64(before), n.before)
	if !isWhole || !ok || n.index != e.index || n.leaf != e.leaf {
		return failed("latest_differs")
	}
	if !laterTrue(e, c.evidence.later, c.checkpoint.size) {
		return failed("later_untrue")
	}
	log.add(miniLeaf(e.index, e.leaf))
	for _, l := range c.evidence.later {
		log.add(miniLeaf(l.index, l.leaf))
	}
	return c.holds(organizationKey(e.org), log.root(), n)
}

// standsOn tells what the later entries, and the day asked, make of the state.
func (c *check) standsOn() error {
	e, later := c.evidence.credential.entry, c.evidence.later
	if _, code := replaced(e, later); code != "" && (code != "superseded" || c.on == "") {
		return failed(code)
	}
	if c.on == "" {
		return nil
	}
	if asOf := c.asOf(); asOf == nil || c.on > (*asOf)[:len("YYYY-MM-DD")] {
		return unsure("day_unknown")
	}
	if !inForceOf(e, later).on(c.on) {
		return failed("not_in_force_on")
	}
	return nil
}

func (c *check) asOf() *string {
	seconds := int64(-1)
	if c.list != nil {
		seconds = c.list.time / 1000
	}
	if c.mapHeld && c.cosigned > 0 {
		seconds = c.cosigned
	} else if c.mapHeld && !c.trust.policy.asks() {
		seconds = c.newestEntry() / 1000
	}
	if seconds < 0 {
		return nil
	}
	asOf := timeOf(seconds)
	return &asOf
}

// newestEntry is the greatest time of all entries in the file.
func (c *check) newestEntry() int64 {
	e := c.evidence
	newest := max(e.credential.entry.time, e.issuerKeys.entry.time)
	for _, l := range e.lists {
		newest = max(newest, l.entry.time)
	}
	for _, l := range e.later {
		newest = max(newest, l.time)
	}
	return newest
}

func (c *check) verdict() verdict {
	v := verdict{Verdict: c.steps.verdict(), AsOf: c.asOf(), Steps: c.steps}
	if c.on != "" {
		v.On = &c.on
	}
	if !c.steps.passed("proof_valid") || !c.steps.passed("entry_matches") {
		return v
	}
	e := c.evidence.credential.entry
	var later []*entry
	if c.mapHeld {
		later = c.evidence.later
	}
	v.Organization = c.organization()
	v.InForce = inForceOf(e, later)
	if by, _ := replaced(e, later); by != nil {
		v.ReplacedBy = &replacement{by.index, by.kind, by.effective}
	}
	return v
}

var holderAddress = regexp.MustCompile(`/organizations/([a-z0-9]{1,16})/[A-Za-z0-9.-]{1,32}$`)

func (c *check) organization() *organization {
	s := c.subject()
	o := &organization{
		Register: text(s["register"]), Number: text(s["registrationNumber"]), Name: s["legalName"],
		Status: s["registrationStatus"], Since: c.evidence.credential.entry.day(),
	}
	if from, ok := s["statusFrom"].(string); ok {
		o.Since = from
	}
	if s["type"] == "Permit" {
		held := object(list(s["relationships"])[0])
		o.Permit = &permit{
			Kind: text(s["entityType"]), Status: text(s["registerStatus"]), From: text(s["permitFrom"]), Until: s["permitUntil"],
			Holder: holder{
				Register: holderAddress.FindStringSubmatch(text(held["relatedOrganization"]))[1],
				Number:   text(held["relatedNumber"]), Name: text(held["relatedName"]),
			},
		}
	}
	return o
}
