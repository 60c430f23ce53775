package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
)

const (
	leastBits = 131_072
	mostBytes = 1 << 20
)

// statusOf is an object of credentialStatus.
type statusOf struct {
	purpose, list string
	named         bool // whether list is a text
	index         int
}

// statuses gives the objects of credentialStatus, in order; there may be none.
func statuses(credential map[string]any) []statusOf {
	value, there := credential["credentialStatus"]
	if !there {
		return nil
	}
	items, many := value.([]any)
	if !many {
		items = []any{value}
	}
	var out []statusOf
	for _, item := range items {
		o := object(item)
		s := statusOf{purpose: text(o["statusPurpose"])}
		s.list, s.named = o["statusListCredential"].(string)
		// where the index is needed, the closed schema has passed
		s.index, _ = strconv.Atoi(text(o["statusListIndex"]))
		out = append(out, s)
	}
	return out
}

// inflate reads an encodedList.
func inflate(encoded string) ([]byte, error) {
	data, ok := strings.CutPrefix(encoded, "u")
	packed, err := base64.RawURLEncoding.Strict().DecodeString(data)
	if !ok || err != nil {
		return nil, failed("status_list")
	}
	source := bytes.NewReader(packed)
	member, err := gzip.NewReader(source)
	if err != nil {
		return nil, failed("status_list")
	}
	member.Multistream(false)
	out, err := io.ReadAll(io.LimitReader(member, mostBytes+1))
	if err != nil || source.Len() > 0 || len(out) > mostBytes {
		return nil, failed("status_list")
	}
	if len(out)*8 < leastBits {
		return nil, failed("status_list_length")
	}
	return out, nil
}

var setCode = map[string]string{"revocation": "revoked", "suspension": "suspended"}

// notSet checks one list of the credential and its bit. proven is told once the
// list's entry is known to be in the tree.
func (c *check) notSet(s statusOf, proven func(*entry)) error {
	of := c.evidence.lists[s.purpose]
	if of == nil {
		return failed("status_list_missing")
	}
	if !c.trust.schemas["status-list/v1"].fits(of.document) {
		return failed("schema")
	}
	subject := object(of.document["credentialSubject"])
	if of.document["id"] != s.list || subject["statusPurpose"] != s.purpose || idOf(of.document["issuer"]) != c.issuerID ||
		!same(of.document["@context"], []any{credentialsContext}) {
		return failed("status_list")
	}
	if err := c.trust.proofsHold(of.document, c.issuer, "status"); err != nil {
		return err
	}
	if !c.keysStand(of.document) {
		return failed("issuer_keys")
	}
	if err := of.committed(); err != nil {
		return err
	}
	if of.entry.kind != "status" || of.entry.issuer != c.issuerID || of.entry.typ != "BitstringStatusListCredential" {
		return failed("status_list")
	}
	if err := of.includedIn(c.checkpoint); err != nil {
		return err
	}
	proven(of.entry)
	list, err := inflate(text(subject["encodedList"]))
	if err != nil {
		return err
	}
	if s.index >= len(list)*8 {
		return failed("status_index")
	}
	if list[s.index/8]>>(7-s.index%8)&1 == 1 {
		return failed(setCode[s.purpose])
	}
	return nil
}
