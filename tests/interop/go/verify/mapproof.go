package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func organizationKey(org string) tlog.Hash {
	return sha256.Sum256([]byte("greffe-map/v1\norganization\n" + org))
}

func listKey(id string) tlog.Hash {
	return sha256.Sum256([]byte("greffe-map/v1\nstatus-list\n" + id))
}

// mapStep is one step up the map: the bit in which the sides differ, and the
// root of the other side.
type mapStep struct {
	bit     byte
	sibling tlog.Hash
}

func parsePath(b []byte) ([]mapStep, bool) {
	const length = 1 + tlog.HashSize
	var steps []mapStep
	for len(b) >= length {
		steps = append(steps, mapStep{b[0], tlog.Hash(b[1:length])})
		b = b[length:]
	}
	return steps, len(b) == 0
}

func bitSet(key tlog.Hash, bit byte) bool { return key[bit/8]>>(7-bit%8)&1 == 1 }

// mapHolds is whether the path leads from the leaf of key and value to root.
func mapHolds(root, key, value tlog.Hash, path []mapStep) bool {
	at := tlog.Hash(sha256.Sum256(append(key[:], value[:]...)))
	for i, step := range path {
		if i > 0 && step.bit >= path[i-1].bit {
			return false
		}
		left, right := at, step.sibling
		if bitSet(key, step.bit) {
			left, right = right, left
		}
		at = sha256.Sum256(append(append(left[:], right[:]...), step.bit))
	}
	return at == root
}

// mapAbsent is whether the leaf of other stands where key would have to: it is
// another key, alike in every bit that the path asks.
func mapAbsent(root, key, other, value tlog.Hash, path []mapStep) bool {
	for _, step := range path {
		if bitSet(key, step.bit) != bitSet(other, step.bit) {
			return false
		}
	}
	return key != other && mapHolds(root, other, value, path)
}

// mapLeaf is a leaf of the log of the map: the map's root and the checkpoint
// under which the map stands.
type mapLeaf struct {
	bytes      []byte
	root       tlog.Hash
	checkpoint string // the three lines that the ledger signed
}

func parseMapLeaf(b []byte) (*mapLeaf, bool) {
	root, signed, _ := strings.Cut(string(b), "\n")
	raw, err := hex.DecodeString(root)
	if err != nil || hex.EncodeToString(raw) != root {
		return nil, false
	}
	hash, ok := hashOf(raw)
	if !ok {
		return nil, false
	}
	n, err := parseNote(signed)
	if err != nil {
		return nil, false
	}
	if _, err := parseCheckpoint(n.text); err != nil {
		return nil, false
	}
	return &mapLeaf{b, hash, n.text}, true
}

// mapUnder checks that the leaf is of the checkpoint and stands in the log of
// the map, under a checkpoint that is signed and, where that is asked, cosigned.
func (t *trust) mapUnder(leaf *mapLeaf, proof *tlogProof, checkpoint *checkpoint, at int64) error {
	if len(t.indexKeys) == 0 {
		return unsure("index_key_missing")
	}
	if leaf.checkpoint != checkpoint.text {
		return failed("map")
	}
	n, err := parseNote(proof.checkpoint)
	if err != nil {
		return err
	}
	c, err := parseCheckpoint(n.text)
	if err != nil {
		return err
	}
	if err := n.signedBy(t.indexKeys); err != nil {
		return err
	}
	if c.origin != t.origin+"/index" {
		return failed("map")
	}
	if t.policy.asks() && t.policy.namesLog(c.origin) {
		if _, err := t.policy.witnessed(n, at); err != nil {
			return err
		}
	}
	if !included(proof.index, c.size, tlog.RecordHash(leaf.bytes), proof.hashes, c.root) {
		return failed("inclusion")
	}
	return nil
}
