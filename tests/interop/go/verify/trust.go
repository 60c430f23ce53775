package main

import (
	"errors"
	"slices"
	"strings"
)

var errTrust = errors.New("no trust file")

// trust is what the verifier believes.
type trust struct {
	*published
	origin         string
	ledgerKeys     []verifierKey
	indexKeys      []verifierKey
	issuers        []issuer
	policy         *policy
	requireCurrent bool
	base           string            // of the registry's addresses
	pinned         map[string]string // context URL -> path of the document
	known          bool              // whether the contexts that must be pinned are
}

type issuer struct {
	did       string
	registers []any
	types     []any
	keys      []any
}

func parseTrust(raw []byte, p *published) (*trust, error) {
	value, err := parseJSON(raw)
	if err != nil || !p.schemas["trust/v1"].fits(value) {
		return nil, errTrust
	}
	o := object(value)
	t := &trust{published: p, origin: text(o["origin"])}
	t.requireCurrent, _ = object(o["require"])["current"].(bool)
	if t.ledgerKeys, err = ledgerKeys(list(o["ledgerKeys"]), t.origin); err != nil {
		return nil, err
	}
	if t.indexKeys, err = ledgerKeys(list(o["indexKeys"]), t.origin+"/index"); err != nil {
		return nil, err
	}
	if _, err = ledgerKeys([]any{o["genesisKey"]}, t.origin); err != nil {
		return nil, err
	}
	if t.policy, err = parsePolicy(text(o["witnessPolicy"])); err != nil {
		return nil, err
	}
	for _, v := range list(o["issuers"]) {
		i := object(v)
		types, some := i["types"].([]any)
		if !some {
			types = []any{"OrganizationRegistrationCredential"}
		}
		keys := list(i["keys"])
		if t.issuer(text(i["did"])) != nil || !areKeys(keys) {
			return nil, errTrust
		}
		t.issuers = append(t.issuers, issuer{text(i["did"]), list(i["registers"]), types, keys})
	}
	t.pin(object(o["contexts"]))
	return t, nil
}

// areKeys is whether each is a Multikey, and no id stands twice.
func areKeys(keys []any) bool {
	ids := map[string]bool{}
	for _, v := range keys {
		id := text(object(v)["id"])
		if _, ok := parseMultikey(text(object(v)["publicKeyMultibase"])); !ok || ids[id] {
			return false
		}
		ids[id] = true
	}
	return true
}

func ledgerKeys(texts []any, name string) ([]verifierKey, error) {
	var keys []verifierKey
	for _, s := range texts {
		key, err := parseVerifierKey(text(s))
		if err != nil || key.alg != algEd25519 || key.name != name {
			return nil, errTrust
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// pin takes those of the contexts that are known here, with the digest they
// have here.
func (t *trust) pin(contexts map[string]any) {
	for url := range contexts {
		if base, ok := strings.CutSuffix(url, firstContext); ok {
			t.base = base
		}
	}
	t.pinned = map[string]string{}
	for url, path := range map[string]string{
		credentialsContext:     "credentials/v2",
		t.base + firstContext:  "organization/v1",
		t.base + secondContext: "organization/v2",
	} {
		if contexts[url] == t.contexts[path].digest {
			t.pinned[url] = path
		}
	}
	t.known = t.pinned[credentialsContext] != "" && t.pinned[t.base+firstContext] != ""
}

func (t *trust) issuer(did string) *issuer {
	i := slices.IndexFunc(t.issuers, func(i issuer) bool { return i.did == did })
	if i < 0 {
		return nil
	}
	return &t.issuers[i]
}

// key gives the Multikey of one of the issuer's keys; with use "", of any.
func (i *issuer) key(id, use string) (string, bool) {
	if i == nil {
		return "", false
	}
	for _, v := range i.keys {
		if key := object(v); key["id"] == id && (use == "" || key["use"] == use) {
			return text(key["publicKeyMultibase"]), true
		}
	}
	return "", false
}

// isContext is whether it is the @context of a credential.
func (t *trust) isContext(context any) bool {
	for _, own := range []string{firstContext, secondContext} {
		if t.pinned[t.base+own] != "" && same(context, []any{credentialsContext, t.base + own}) {
			return true
		}
	}
	return false
}

// tablesOf makes the tables of a @context, all of which must be pinned.
func (t *trust) tablesOf(context any) (*tables, error) {
	var contexts []map[string]any
	for _, url := range list(context) {
		path := t.pinned[text(url)]
		if path == "" {
			return nil, errCanonical
		}
		contexts = append(contexts, t.contexts[path].terms)
	}
	return newTables(contexts...)
}
