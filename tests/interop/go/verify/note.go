package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// x/mod's sumdb/note knows one kind of key and gives no time of a cosignature,
// so notes are read here.

const (
	algEd25519   = 0x01
	algCosigned  = 0x04
	algMLDSA44   = 0x06
	maxNoteLines = 64
	maxSkew      = 60 // seconds that another clock may be ahead
)

var keyLengths = map[byte]int{algEd25519: 32, algCosigned: 32, algMLDSA44: 1312}

var errKey = errors.New("no verifier key")

// fromBase64 takes the one form that bytes have in the standard alphabet.
func fromBase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return b, err == nil && base64.StdEncoding.EncodeToString(b) == s
}

type keyID [4]byte

type verifierKey struct {
	name string
	id   keyID
	alg  byte
	key  string // as text, so that keys compare
}

func parseVerifierKey(s string) (verifierKey, error) {
	parts := strings.SplitN(s, "+", 3)
	if len(parts) != 3 || !isKeyName(parts[0]) {
		return verifierKey{}, errKey
	}
	id, err := hex.DecodeString(parts[1])
	data, ok := fromBase64(parts[2])
	if err != nil || len(id) != 4 || hex.EncodeToString(id) != parts[1] || !ok || len(data) == 0 {
		return verifierKey{}, errKey
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	if length, known := keyLengths[data[0]]; !known || length != len(data)-1 || string(sum[:4]) != string(id) {
		return verifierKey{}, errKey
	}
	return verifierKey{parts[0], keyID(id), data[0], string(data[1:])}, nil
}

func isKeyName(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsRune(s, '+') && strings.IndexFunc(s, unicode.IsSpace) < 0
}

type signatureLine struct {
	name string
	id   keyID
	sig  []byte
}

type note struct {
	text  string
	lines []signatureLine
}

func parseNote(s string) (*note, error) {
	end := strings.LastIndex(s, "\n\n")
	if end < 0 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 && r != '\n' }) {
		return nil, failed("note")
	}
	n := &note{text: s[:end+1]}
	rest, closed := strings.CutSuffix(s[end+2:], "\n")
	lines := strings.Split(rest, "\n")
	if !closed || len(lines) > maxNoteLines {
		return nil, failed("note")
	}
	for _, line := range lines {
		rest, dashed := strings.CutPrefix(line, "— ")
		name, encoded, _ := strings.Cut(rest, " ")
		sig, ok := fromBase64(encoded)
		if !dashed || !isKeyName(name) || !ok || len(sig) < 5 {
			return nil, failed("note")
		}
		n.lines = append(n.lines, signatureLine{name, keyID(sig[:4]), sig[4:]})
	}
	return n, nil
}

// signedBy is nil where one of the keys signed, and none of them wrongly.
func (n *note) signedBy(keys []verifierKey) error {
	signed := false
	for _, line := range n.lines {
		for _, key := range keys {
			if line.name != key.name || line.id != key.id {
				continue
			}
			if !ed25519.Verify(ed25519.PublicKey(key.key), []byte(n.text), line.sig) {
				return failed("signature")
			}
			signed = true
		}
	}
	if !signed {
		return failed("signature")
	}
	return nil
}

// cosignedBy gives the newest time at which the key cosigned, and 0 where it
// did not; a wrong cosignature is an error.
func (n *note) cosignedBy(key verifierKey) (int64, error) {
	// The standard library has no ML-DSA: its lines are of an unknown key.
	if key.alg != algCosigned {
		return 0, nil
	}
	var newest int64
	for _, line := range n.lines {
		if line.name != key.name || line.id != key.id {
			continue
		}
		if len(line.sig) != 8+ed25519.SignatureSize {
			return 0, failed("cosignature")
		}
		seconds := int64(binary.BigEndian.Uint64(line.sig))
		message := "cosignature/v1\ntime " + strconv.FormatInt(seconds, 10) + "\n" + n.text
		if seconds <= 0 || !ed25519.Verify(ed25519.PublicKey(key.key), []byte(message), line.sig[8:]) {
			return 0, failed("cosignature")
		}
		newest = max(newest, seconds)
	}
	return newest, nil
}

type checkpoint struct {
	text   string
	origin string
	size   int64 // -1 where it is more than any tree has
	root   tlog.Hash
}

var decimalSize = regexp.MustCompile(`^(?:0|[1-9][0-9]*)$`)

func parseCheckpoint(body string) (*checkpoint, error) {
	lines := strings.Split(body, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" || !decimalSize.MatchString(lines[1]) {
		return nil, failed("checkpoint")
	}
	raw, ok := fromBase64(lines[2])
	root, whole := hashOf(raw)
	if !ok || !whole {
		return nil, failed("checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		size = -1
	}
	return &checkpoint{body, lines[0], size, root}, nil
}

// tlogProof is a proof text. The signed checkpoint in it stays text: the steps
// that need it read it.
type tlogProof struct {
	index      int64
	hashes     []tlog.Hash
	checkpoint string
}

func parseTlogProof(s string) (*tlogProof, bool) {
	head, signed, found := strings.Cut(s, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || len(lines) > 2+63 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, false
	}
	digits, ok := strings.CutPrefix(lines[1], "index ")
	index, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || index > maxWhole || !decimalSize.MatchString(digits) {
		return nil, false
	}
	p := &tlogProof{index: index, checkpoint: signed}
	for _, line := range lines[2:] {
		raw, ok := fromBase64(line)
		hash, whole := hashOf(raw)
		if !ok || !whole {
			return nil, false
		}
		p.hashes = append(p.hashes, hash)
	}
	return p, true
}
