package main

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

const maxCompleteness = 4 << 20

type completenessVerdict struct {
	Verdict string  `json:"verdict"`
	AsOf    *string `json:"asOf"`
	Proven  *proven `json:"proven"`
	Steps   steps   `json:"steps"`
}

type proven struct {
	Register string `json:"register"`
	Number   string `json:"number"`
	Entries  int    `json:"entries"`
}

// completeness is a well-formed completeness file.
type completeness struct {
	origin, register, number string
	checkpoint               string
	leaf                     *mapLeaf
	proof                    *tlogProof
	path                     []mapStep
	other                    *otherLeaf
	entries                  []listed
}

// otherLeaf is the leaf of the map that stands where an absent one would.
type otherLeaf struct{ key, value tlog.Hash }

type listed struct {
	entry  *entry
	hashes []tlog.Hash
}

// tellsCompleteness is whether a file says of itself that it is one.
func tellsCompleteness(raw []byte) bool {
	value, err := parseJSON(raw)
	if err != nil {
		return false
	}
	_, lists := object(value)["entries"]
	return lists || object(value)["type"] == "Completeness"
}

func parseCompleteness(raw []byte, p *published) (*completeness, error) {
	malformed := failed("malformed")
	value, err := parseJSON(raw)
	if err != nil || len(raw) > maxCompleteness || !p.schemas["completeness/v1"].fits(value) {
		return nil, malformed
	}
	o := object(value)
	c := &completeness{
		origin: text(o["origin"]), register: text(o["register"]), number: text(o["number"]), checkpoint: text(o["checkpoint"]),
	}
	leaf, leafOK := fromBase64(text(o["map"]))
	path, pathOK := fromBase64(text(o["path"]))
	if !leafOK || !pathOK {
		return nil, malformed
	}
	var proofOK bool
	c.leaf, leafOK = parseMapLeaf(leaf)
	c.proof, proofOK = parseTlogProof(text(o["proof"]))
	c.path, pathOK = parsePath(path)
	if !leafOK || !proofOK || !pathOK {
		return nil, malformed
	}
	if other := object(o["other"]); other != nil {
		key, keyOK := hashFrom(other["key"])
		value, valueOK := hashFrom(other["value"])
		if !keyOK || !valueOK {
			return nil, malformed
		}
		c.other = &otherLeaf{key, value}
	}
	for _, item := range list(o["entries"]) {
		var l listed
		var ok bool
		if l.entry, ok = readEntry(object(item)["entry"], p); !ok {
			return nil, malformed
		}
		for _, v := range list(object(item)["hashes"]) {
			hash, ok := hashFrom(v)
			if !ok {
				return nil, malformed
			}
			l.hashes = append(l.hashes, hash)
		}
		c.entries = append(c.entries, l)
	}
	return c, nil
}

func hashFrom(v any) (tlog.Hash, bool) {
	raw, ok := fromBase64(text(v))
	if !ok {
		return tlog.Hash{}, false
	}
	return hashOf(raw)
}

func verifyCompleteness(raw []byte, t *trust, at int64) completenessVerdict {
	var s steps
	var file *completeness
	var signed *note
	var head *checkpoint
	var cosigned int64
	s.run("well_formed", func() (err error) {
		file, err = parseCompleteness(raw, t.published)
		return err
	})
	s.run("checkpoint_signed", func() (err error) {
		signed, head, err = t.signedCheckpoint(file.origin, file.checkpoint)
		return err
	}, "well_formed")
	s.run("witnessed", func() (err error) {
		if !t.policy.asks() {
			return notAsked()
		}
		cosigned, err = t.policy.witnessed(signed, at)
		return err
	}, "well_formed", "checkpoint_signed")
	s.run("included", func() error { return file.included(head) }, "well_formed", "checkpoint_signed")
	s.run("complete", func() error {
		if err := t.mapUnder(file.leaf, file.proof, head, at); err != nil {
			return err
		}
		return file.complete()
	}, "well_formed", "checkpoint_signed", "included")
	v := completenessVerdict{Verdict: s.verdict(), Steps: s}
	seconds := cosigned
	if s.passed("checkpoint_signed") && !t.policy.asks() {
		seconds = file.newestEntry() / 1000
	}
	if seconds > 0 {
		asOf := timeOf(seconds)
		v.AsOf = &asOf
	}
	if v.Verdict == "verified" {
		v.Proven = &proven{file.register, file.number, len(file.entries)}
	}
	return v
}

func (c *completeness) org() string { return c.register + ":" + c.number }

func (c *completeness) included(head *checkpoint) error {
	for _, l := range c.entries {
		if l.entry.org != c.org() {
			return failed("entry_org")
		}
		if !included(l.entry.index, head.size, l.entry.leaf, l.hashes, head.root) {
			return failed("inclusion")
		}
	}
	return nil
}

// complete checks that the map holds just these entries, or none.
func (c *completeness) complete() error {
	key := organizationKey(c.org())
	var holds bool
	switch {
	case len(c.entries) > 0:
		var log frontier
		for _, l := range c.entries {
			log.add(miniLeaf(l.entry.index, l.entry.leaf))
		}
		holds = c.other == nil && mapHolds(c.leaf.root, key, log.root(), c.path)
	case c.other != nil:
		holds = mapAbsent(c.leaf.root, key, c.other.key, c.other.value, c.path)
	default:
		holds = len(c.path) == 0 && c.leaf.root == sha256.Sum256(nil)
	}
	if !holds {
		return failed("map")
	}
	return nil
}

func (c *completeness) newestEntry() int64 {
	var newest int64
	for _, l := range c.entries {
		newest = max(newest, l.entry.time)
	}
	return newest
}
