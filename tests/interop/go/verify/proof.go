package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"slices"
	"strings"
)

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// fromBase58 reads multibase's z.
func fromBase58(s string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(s, "z")
	if !ok || digits == "" || len(digits) > 200 {
		return nil, false
	}
	n := new(big.Int)
	for i := 0; i < len(digits); i++ {
		digit := strings.IndexByte(base58Alphabet, digits[i])
		if digit < 0 {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(digit)))
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, "1"))
	return append(make([]byte, zeros), n.Bytes()...), true
}

// publicKey is a Multikey.
type publicKey struct {
	ed25519 ed25519.PublicKey
	ecdsa   *ecdsa.PublicKey
}

func parseMultikey(s string) (publicKey, bool) {
	raw, ok := fromBase58(s)
	if !ok || len(raw) < 2 {
		return publicKey{}, false
	}
	prefix, key := string(raw[:2]), raw[2:]
	switch {
	case prefix == "\xed\x01" && len(key) == ed25519.PublicKeySize:
		return publicKey{ed25519: key}, true
	case prefix == "\x80\x24" && len(key) == 33:
		return onCurve(elliptic.P256(), key)
	case prefix == "\x81\x24" && len(key) == 49:
		return onCurve(elliptic.P384(), key)
	}
	return publicKey{}, false
}

func onCurve(curve elliptic.Curve, compressed []byte) (publicKey, bool) {
	x, y := elliptic.UnmarshalCompressed(curve, compressed)
	return publicKey{ecdsa: &ecdsa.PublicKey{Curve: curve, X: x, Y: y}}, x != nil
}

// verify checks a signature over the hashes of the two parts.
func (k publicKey) verify(options, statement, sig []byte) bool {
	if k.ecdsa == nil {
		return ed25519.Verify(k.ed25519, hashed256(options, statement), sig)
	}
	half := (k.ecdsa.Curve.Params().BitSize + 7) / 8
	if len(sig) != 2*half {
		return false
	}
	r, s := new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:])
	return ecdsa.Verify(k.ecdsa, digest(half, options, statement), r, s)
}

// digest is what a key of a curve signs, by the bytes of a coordinate.
func digest(width int, options, statement []byte) []byte {
	if width == 48 {
		sum := sha512.Sum384(hashed384(options, statement))
		return sum[:]
	}
	sum := sha256.Sum256(hashed256(options, statement))
	return sum[:]
}

func hashed256(options, statement []byte) []byte {
	a, b := sha256.Sum256(options), sha256.Sum256(statement)
	return append(a[:], b[:]...)
}

func hashed384(options, statement []byte) []byte {
	a, b := sha512.Sum384(options), sha512.Sum384(statement)
	return append(a[:], b[:]...)
}

// proofsHold is nil where the document has 1 to 8 proofs, and each is of a key
// of the issuer with that use.
func (t *trust) proofsHold(document map[string]any, by *issuer, use string) error {
	proofs := list(document["proof"])
	if len(proofs) < 1 || len(proofs) > 8 {
		return failed("proof")
	}
	for _, proof := range proofs {
		if _, ok := proof.(map[string]any); !ok {
			return failed("proof")
		}
	}
	for _, proof := range proofs {
		if err := t.proofHolds(document, object(proof), by, use); err != nil {
			return err
		}
	}
	return nil
}

func (t *trust) proofHolds(document, proof map[string]any, by *issuer, use string) error {
	key, known := by.key(text(proof["verificationMethod"]), use)
	if !known {
		return failed("key_unknown")
	}
	_, chained := proof["previousProof"]
	if proof["type"] != "DataIntegrityProof" || proof["proofPurpose"] != "assertionMethod" || chained {
		return failed("proof")
	}
	public, ok := parseMultikey(key)
	if !ok {
		return failed("multikey")
	}
	sig, ok := fromBase58(text(proof["proofValue"]))
	if !ok || !slices.Contains(suitesOf(public), text(proof["cryptosuite"])) {
		return failed("proof")
	}
	context, has := proof["@context"]
	if has && !same(context, document["@context"]) {
		return failed("proof")
	}
	options, statement := without(proof, "proofValue"), without(document, "proof")
	var signed, about []byte
	if strings.Contains(text(proof["cryptosuite"]), "-jcs-") {
		if !has {
			return failed("proof")
		}
		signed, about = canonical(options), canonical(statement)
	} else {
		tables, err := t.tablesOf(document["@context"])
		if err != nil {
			return failed("canonical")
		}
		if signed, err = tables.nquads(options); err != nil {
			return failed("canonical")
		}
		if about, err = tables.nquads(statement); err != nil {
			return failed("canonical")
		}
	}
	if !public.verify(signed, about, sig) {
		return failed("proof")
	}
	return nil
}

func suitesOf(k publicKey) []string {
	if k.ecdsa == nil {
		return []string{"eddsa-jcs-2022", "eddsa-rdfc-2022"}
	}
	return []string{"ecdsa-jcs-2019", "ecdsa-rdfc-2019"}
}
