// oracle answers for code that nobody of this project wrote: a request and an answer a line, both JSON, until the input ends,
// so that a test asks thousands of times in one process. Bytes are base64; a verdict is null for yes, or why not.
//
//	{"ask": "inclusion", "index", "size", "leaf", "hashes", "root"}             -> {"merkle", "xmod"}
//	{"ask": "consistency", "old", "size", "hashes", "old_root", "root"}         -> {"merkle", "xmod"}
//	{"ask": "note", "note", "vkeys"}                    -> {"formats", "signed": the vkeys' names}; x/mod opens it
//	{"ask": "proof", "note": a tlog-proof, "vkeys": [the log's], "leaf"}        -> {"formats", "index"}
//	{"ask": "policy", "note": a signed checkpoint, "policy"}                    -> {"formats", "met"}
//	{"ask": "cosign", "note", "name", "algorithm": 4 or 6}                      -> {"formats", "vkey", "note": cosigned}
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Ask       string   `json:"ask"`
	Index     uint64   `json:"index"`
	Old       uint64   `json:"old"`
	Size      uint64   `json:"size"`
	Leaf      []byte   `json:"leaf"`
	Hashes    [][]byte `json:"hashes"`
	OldRoot   []byte   `json:"old_root"`
	Root      []byte   `json:"root"`
	Note      []byte   `json:"note"`
	Vkeys     []string `json:"vkeys"`
	Policy    []byte   `json:"policy"`
	Name      string   `json:"name"`
	Algorithm int      `json:"algorithm"`
}

type answer map[string]any

var asked = map[string]func(request) answer{
	"inclusion":   inclusion,
	"consistency": consistency,
	"note":        openNote,
	"proof":       checkProof,
	"policy":      checkPolicy,
	"cosign":      cosign,
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	in := json.NewDecoder(lines)
	for in.More() {
		var one request
		if err := in.Decode(&one); err != nil {
			log.Fatal(err)
		}
		answered, ok := asked[one.Ask]
		if !ok {
			log.Fatalf("nobody here answers %q", one.Ask)
		}
		if err := out.Encode(answered(one)); err != nil {
			log.Fatal(err)
		}
	}
}

func inclusion(one request) answer {
	merkle := proof.VerifyInclusion(rfc6962.DefaultHasher, one.Index, one.Size, one.Leaf, one.Hashes, one.Root)
	return answer{"merkle": reason(merkle), "xmod": reason(byXmod(one, func(hashes []tlog.Hash) error {
		return tlog.CheckRecord(hashes, int64(one.Size), tlog.Hash(one.Root), int64(one.Index), tlog.Hash(one.Leaf))
	}, one.Leaf, one.Root))}
}

func consistency(one request) answer {
	merkle := proof.VerifyConsistency(rfc6962.DefaultHasher, one.Old, one.Size, one.Hashes, one.OldRoot, one.Root)
	return answer{"merkle": reason(merkle), "xmod": reason(byXmod(one, func(hashes []tlog.Hash) error {
		return tlog.CheckTree(hashes, int64(one.Size), tlog.Hash(one.Root), int64(one.Old), tlog.Hash(one.OldRoot))
	}, one.OldRoot, one.Root))}
}

// byXmod asks x/mod, whose types know hashes of 32 bytes only, and which may panic.
func byXmod(one request, check func([]tlog.Hash) error, others ...[]byte) (err error) {
	defer func() {
		if told := recover(); told != nil {
			err = fmt.Errorf("panic: %v", told)
		}
	}()
	hashes := make([]tlog.Hash, 0, len(one.Hashes))
	for _, hash := range append(others, one.Hashes...) {
		if len(hash) != tlog.HashSize {
			return errors.New("not a hash of 32 bytes")
		}
	}
	for _, hash := range one.Hashes {
		hashes = append(hashes, tlog.Hash(hash))
	}
	return check(hashes)
}

func reason(err error) any {
	if err == nil {
		return nil
	}
	return err.Error()
}
