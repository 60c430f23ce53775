package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const maxEntry = 65_535

// entry is one entry of the ledger.
type entry struct {
	index      int64
	time       int64 // milliseconds since 1970
	kind       string
	org        string
	issuer     string
	typ        string
	commitment string
	effective  any // a text, or nil
	refers     map[int64]bool
	leaf       tlog.Hash
}

func parseEntry(raw []byte, form *schema) (*entry, bool) {
	if len(raw) > maxEntry {
		return nil, false
	}
	value, err := parseJSON(raw)
	if err != nil || string(canonical(value)) != string(raw) || !form.fits(value) {
		return nil, false
	}
	o := object(value)
	e := &entry{
		index: whole(o["index"]), time: whole(o["time"]), kind: text(o["kind"]), org: text(o["org"]),
		issuer: text(o["issuer"]), typ: text(o["type"]), commitment: text(o["commitment"]),
		effective: o["effective"], refers: map[int64]bool{}, leaf: tlog.RecordHash(raw),
	}
	for _, index := range list(o["refers"]) {
		if whole(index) >= e.index {
			return nil, false
		}
		e.refers[whole(index)] = true
	}
	return e, true
}

// day is the day from which the entry's state is in force.
func (e *entry) day() string {
	if e.effective != nil {
		return text(e.effective)[:len(time.DateOnly)]
	}
	return dayOf(e.time / 1000)
}

// commits is whether the entry commits to the document with this salt.
func (e *entry) commits(document map[string]any, salt []byte) bool {
	message := append([]byte("greffe-commitment/v1\n"), salt...)
	sum := sha256.Sum256(append(message, canonical(without(document, "proof"))...))
	return hex.EncodeToString(sum[:]) == e.commitment
}

func pseudonym(salt []byte, org string) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte("greffe-org/v1\n" + org))
	return "~" + hex.EncodeToString(mac.Sum(nil))
}

const timeForm = "2006-01-02T15:04:05Z"

// parseTime takes whole seconds of UTC; time.Parse alone would take parts of
// them, and the year 0.
func parseTime(s string) (int64, bool) {
	t, err := time.Parse(timeForm, s)
	return t.Unix(), err == nil && t.Format(timeForm) == s && t.Year() >= 1
}

func isDay(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Format(time.DateOnly) == s && t.Year() >= 1
}

func dayOf(seconds int64) string  { return time.Unix(seconds, 0).UTC().Format(time.DateOnly) }
func timeOf(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(timeForm) }
