package main

import "golang.org/x/mod/sumdb/tlog"

const maxEvidence = 256 << 10

// part is a document, the entry that commits to it, and the proof of that.
type part struct {
	document map[string]any
	entry    *entry
	salt     []byte
	proof    *tlogProof
}

// evidence is a well-formed evidence file.
type evidence struct {
	origin     string
	credential part
	lists      map[string]*part // by purpose
	issuerKeys part
	orgSalt    []byte // nil where there is none
	latest     *latest
	later      []*entry
	hasLater   bool
	tooMany    bool // later is null: more than a file carries
}

type latest struct {
	leaf         *mapLeaf
	proof        *tlogProof
	organization *newest
	lists        map[string]*newest // by purpose
}

// newest is what the map is said to hold of an organization or a list.
type newest struct {
	index  int64
	leaf   tlog.Hash
	before []tlog.Hash
	path   []mapStep
	n      any // a whole number, or nil
}

var listMembers = map[string]string{"revocation": "statusList", "suspension": "suspensionList"}

func parseEvidence(raw []byte, p *published) (*evidence, error) {
	value, err := parseJSON(raw)
	if err != nil || len(raw) > maxEvidence || !p.schemas["evidence/v1"].fits(value) {
		return nil, failed("malformed")
	}
	o := object(value)
	e := &evidence{origin: text(o["origin"]), lists: map[string]*part{}}
	ok := e.credential.read(o, "credential", p) && e.issuerKeys.read(object(o["issuerKeys"]), "document", p)
	for purpose, name := range listMembers {
		if member, there := o[name]; there && ok {
			e.lists[purpose] = &part{}
			ok = e.lists[purpose].read(object(member), "credential", p)
		}
	}
	if salt, there := o["orgSalt"]; there && ok {
		e.orgSalt, ok = fromBase64(text(salt))
	}
	if ok && o["latest"] != nil {
		e.latest, ok = readLatest(object(o["latest"]))
	}
	later, hasLater := o["later"]
	e.hasLater, e.tooMany = hasLater, hasLater && later == nil
	for _, s := range list(later) {
		entry, read := readEntry(s, p)
		e.later = append(e.later, entry)
		ok = ok && read
	}
	if !ok {
		return nil, failed("malformed")
	}
	return e, nil
}

func readEntry(v any, p *published) (*entry, bool) {
	raw, ok := fromBase64(text(v))
	if !ok {
		return nil, false
	}
	return parseEntry(raw, p.schemas["entry/v1"])
}

func (x *part) read(o map[string]any, name string, p *published) bool {
	var entry, salt, proof bool
	x.document = object(o[name])
	x.entry, entry = readEntry(o["entry"], p)
	x.salt, salt = fromBase64(text(o["salt"]))
	x.proof, proof = parseTlogProof(text(o["proof"]))
	return entry && salt && proof
}

// committed checks that the proof is of the entry, and the entry of the document.
func (x *part) committed() error {
	if x.proof.index != x.entry.index {
		return failed("index")
	}
	if !x.entry.commits(x.document, x.salt) {
		return failed("commitment")
	}
	return nil
}

func (x *part) includedIn(c *checkpoint) error {
	if !included(x.proof.index, c.size, x.entry.leaf, x.proof.hashes, c.root) {
		return failed("inclusion")
	}
	return nil
}

func readLatest(o map[string]any) (*latest, bool) {
	raw, ok := fromBase64(text(o["map"]))
	if !ok {
		return nil, false
	}
	l := &latest{lists: map[string]*newest{}}
	if l.leaf, ok = parseMapLeaf(raw); !ok {
		return nil, false
	}
	if l.proof, ok = parseTlogProof(text(o["proof"])); !ok {
		return nil, false
	}
	if member, there := o["organization"]; there {
		if l.organization, ok = readNewest(object(member)); !ok {
			return nil, false
		}
	}
	for purpose, name := range listMembers {
		if member, there := o[name]; there {
			if l.lists[purpose], ok = readNewest(object(member)); !ok {
				return nil, false
			}
		}
	}
	return l, true
}

func readNewest(o map[string]any) (*newest, bool) {
	leaf, leafOK := fromBase64(text(o["leaf"]))
	before, beforeOK := fromBase64(text(o["before"]))
	path, pathOK := fromBase64(text(o["path"]))
	if !leafOK || !beforeOK || !pathOK {
		return nil, false
	}
	n := &newest{index: whole(o["index"]), n: o["n"]}
	n.leaf, leafOK = hashOf(leaf)
	n.before, beforeOK = hashes(before)
	n.path, pathOK = parsePath(path)
	return n, leafOK && beforeOK && pathOK
}

// value is what the map holds where this entry is the newest.
func (n *newest) value() tlog.Hash { return joined(n.before, miniLeaf(n.index, n.leaf)) }
