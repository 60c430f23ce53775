package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	checkpoints "github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	proofs "github.com/transparency-dev/formats/proof"
	policies "github.com/transparency-dev/formats/witness"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// openNote lets x/mod open a note, with keys read by x/mod (a log's) or by formats (a cosigner's, 0x04 and 0x06).
func openNote(one request) answer {
	keys, err := verifiers(one.Vkeys)
	if err != nil {
		return answer{"formats": reason(err)}
	}
	opened, err := note.Open(one.Note, note.VerifierList(keys...))
	if err != nil {
		return answer{"formats": reason(err)}
	}
	signed := []string{}
	for _, signature := range opened.Sigs {
		signed = append(signed, signature.Name)
	}
	return answer{"formats": nil, "signed": signed}
}

func verifiers(vkeys []string) ([]note.Verifier, error) {
	var found []note.Verifier
	for _, vkey := range vkeys {
		key, err := note.NewVerifier(vkey)
		if err != nil {
			key, err = formats.NewVerifierForCosignatureV1(vkey)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", vkey, err)
		}
		found = append(found, key)
	}
	return found, nil
}

// checkProof reads a tlog-proof by formats, its checkpoint by formats, and lets merkle judge the path.
func checkProof(one request) answer {
	var read proofs.TLogProof
	if err := read.Unmarshal(one.Note); err != nil {
		return answer{"formats": reason(err)}
	}
	return answer{"formats": reason(included(read, one)), "index": read.Index}
}

func included(read proofs.TLogProof, one request) error {
	keys, err := verifiers(one.Vkeys)
	if err != nil || len(keys) != 1 {
		return errors.Join(err, errors.New("one key is wanted, that of the log"))
	}
	found, _, _, err := checkpoints.ParseCheckpoint(read.Checkpoint, keys[0].Name(), keys[0])
	if err != nil {
		return err
	}
	var hashes [][]byte
	for _, hash := range read.Hashes {
		hashes = append(hashes, hash[:])
	}
	return proof.VerifyInclusion(rfc6962.DefaultHasher, read.Index, found.Size, one.Leaf, hashes, found.Hash)
}

func checkPolicy(one request) answer {
	policy, err := policies.ParsePolicy(one.Policy)
	if err != nil {
		return answer{"formats": reason(err)}
	}
	return answer{"formats": nil, "met": policy.Satisfied(one.Note)}
}

// cosign makes a key and cosigns a checkpoint with it: 4 is Ed25519, 6 is ML-DSA-44.
func cosign(one request) answer {
	signer, vkey, err := cosigner(one.Name, one.Algorithm)
	if err != nil {
		return answer{"formats": reason(err)}
	}
	text, lines, found := strings.Cut(string(one.Note), "\n\n")
	if !found {
		return answer{"formats": "not a note"}
	}
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
	if err != nil {
		return answer{"formats": reason(err)}
	}
	_, line, _ := strings.Cut(string(cosigned), "\n\n")
	return answer{"formats": nil, "vkey": vkey, "note": []byte(text + "\n\n" + lines + line)}
}

func cosigner(name string, algorithm int) (note.Signer, string, error) {
	if algorithm == 6 {
		skey, vkey, err := formats.GenerateMLDSAKey(name)
		if err != nil {
			return nil, "", err
		}
		signer, err := formats.NewMLDSASigner(skey)
		return signer, vkey, err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, "", err
	}
	if vkey, err = formats.VKeyToCosignatureV1(vkey); err != nil {
		return nil, "", err
	}
	signer, err := formats.NewSignerForCosignatureV1(skey)
	return signer, vkey, err
}
