package main

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// included checks an inclusion proof (RFC 9162 section 2.1.3.2).
func included(index, size int64, leaf tlog.Hash, proof []tlog.Hash, root tlog.Hash) bool {
	// Above 2^62 tlog's search for a power of two does not end.
	if index < 0 || index >= size || size > 1<<62 {
		return false
	}
	return tlog.CheckRecord(tlog.RecordProof(proof), size, root, index, leaf) == nil
}

// hashOf takes exactly 32 bytes.
func hashOf(b []byte) (h tlog.Hash, ok bool) {
	if len(b) != len(h) {
		return h, false
	}
	return tlog.Hash(b), true
}

// hashes cuts bytes into hashes of 32.
func hashes(b []byte) ([]tlog.Hash, bool) {
	var out []tlog.Hash
	for len(b) >= tlog.HashSize {
		out = append(out, tlog.Hash(b[:tlog.HashSize]))
		b = b[tlog.HashSize:]
	}
	return out, len(b) == 0
}

// frontier is a growing tree: the roots of its complete subtrees, the largest
// first.
type frontier struct {
	size  uint64
	roots []tlog.Hash
}

// newFrontier is false where there are not as many roots as size has one-bits.
func newFrontier(size uint64, roots []tlog.Hash) (*frontier, bool) {
	return &frontier{size, append([]tlog.Hash(nil), roots...)}, len(roots) == bits.OnesCount64(size)
}

func (f *frontier) add(leaf tlog.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.roots) - 1
		leaf = tlog.NodeHash(f.roots[last], leaf)
		f.roots = f.roots[:last]
	}
	f.roots = append(f.roots, leaf)
	f.size++
}

func (f *frontier) root() tlog.Hash {
	if len(f.roots) == 0 {
		return sha256.Sum256(nil)
	}
	last := len(f.roots) - 1
	return joined(f.roots[:last], f.roots[last])
}

// joined goes up from the newest subtree through the ones before it.
func joined(before []tlog.Hash, h tlog.Hash) tlog.Hash {
	for i := len(before) - 1; i >= 0; i-- {
		h = tlog.NodeHash(before[i], h)
	}
	return h
}

// miniLeaf is the leaf of an entry in the mini-log of its organization or list.
func miniLeaf(index int64, leaf tlog.Hash) tlog.Hash {
	return tlog.RecordHash(append(binary.BigEndian.AppendUint64(nil, uint64(index)), leaf[:]...))
}
