package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// report is what became of the cases of one file.
type report struct {
	Cases int      `json:"cases"`
	Wrong []string `json:"wrong"`
	// Cases that ask for ML-DSA, which the standard library lacks: not judged.
	NotJudged []string `json:"notJudged,omitempty"`
}

// is counts a case, and notes what differs.
func (r *report) is(name string, got, want any) {
	r.Cases++
	if g, w := asJSON(got), asJSON(want); g != w {
		r.Wrong = append(r.Wrong, fmt.Sprintf("%s: %s, not %s", name, g, w))
	}
}

// asJSON prints with the members in order, so that equal values print alike.
func asJSON(v any) string {
	first, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(first, &plain); err != nil {
		return err.Error()
	}
	second, _ := json.Marshal(plain)
	return string(second)
}

var vectorFiles = map[string]func(*report, []byte, *published) error{
	"verify":        verifyVectors,
	"decided":       verifyVectors,
	"completeness":  completenessVectors,
	"json-accepted": jsonVectors,
	"json-refused":  jsonVectors,
	"jcs":           jcsVectors,
	"nquads":        nquadsVectors,
	"roots":         rootVectors,
	"inclusion":     inclusionVectors,
	"cosignatures":  cosignatureVectors,
	"policies":      policyVectors,
	"trust":         trustVectors,
}

// runVectors prints what became of each file, and is true where a case is wrong.
func runVectors(folder string, p *published) (bool, error) {
	wrong := false
	reports := map[string]*report{}
	for name, judge := range vectorFiles {
		raw, err := os.ReadFile(filepath.Join(folder, name+".json"))
		if err != nil {
			return false, err
		}
		r := &report{Wrong: []string{}}
		if err := judge(r, raw, p); err != nil {
			return false, fmt.Errorf("%s.json: %w", name, err)
		}
		wrong = wrong || len(r.Wrong) > 0
		reports[name+".json"] = r
	}
	return wrong, printJSON(reports)
}

// edited is a file of verify or completeness, whose cases are edits of bases.
type edited struct {
	At    string                     `json:"at"`
	Trust map[string]json.RawMessage `json:"trust"`
	Bases map[string]string          `json:"bases"`
	Cases []struct {
		Name   string                     `json:"name"`
		Base   string                     `json:"base"`
		At     int                        `json:"at"`
		Delete int                        `json:"delete"`
		Insert string                     `json:"insert"`
		On     string                     `json:"on"`
		Trust  map[string]json.RawMessage `json:"trust"`
		Expect json.RawMessage            `json:"expect"`
	} `json:"cases"`
}

// editedVectors gives each case's file to answer, and compares what it says.
func editedVectors(r *report, raw []byte, p *published, answer func(text []byte, t *trust, at int64, on string) any) error {
	var file edited
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	at, ok := parseTime(file.At)
	if !ok {
		return errUsage
	}
	for _, c := range file.Cases {
		members := maps.Clone(file.Trust)
		maps.Copy(members, c.Trust)
		trustText, err := json.Marshal(members)
		if err != nil {
			return err
		}
		t, err := parseTrust(trustText, p)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		points := []rune(file.Bases[c.Base])
		points = slices.Replace(points, c.At, c.At+c.Delete, []rune(c.Insert)...)
		r.is(c.Name, answer([]byte(string(points)), t, at, c.On), c.Expect)
	}
	return nil
}

// results and codes are the two forms in which a case expects the steps.
func (s steps) results() map[string]string {
	out := map[string]string{}
	for _, step := range s {
		out[step.Step] = step.Result
	}
	return out
}

func (s steps) codes() map[string]string {
	out := map[string]string{}
	for _, step := range s {
		if step.Code != nil {
			out[step.Step] = *step.Code
		}
	}
	return out
}

func verifyVectors(r *report, raw []byte, p *published) error {
	return editedVectors(r, raw, p, func(text []byte, t *trust, at int64, on string) any {
		v := verifyEvidence(text, t, at, on)
		return map[string]any{
			"verdict": v.Verdict, "asOf": v.AsOf, "on": v.On, "organization": v.Organization, "inForce": v.InForce,
			"replacedBy": v.ReplacedBy, "steps": v.Steps.results(), "codes": v.Steps.codes(),
		}
	})
}

func completenessVectors(r *report, raw []byte, p *published) error {
	return editedVectors(r, raw, p, func(text []byte, t *trust, at int64, _ string) any {
		v := verifyCompleteness(text, t, at)
		return map[string]any{
			"verdict": v.Verdict, "asOf": v.AsOf, "proven": v.Proven, "steps": v.Steps.results(), "codes": v.Steps.codes(),
		}
	})
}

func jsonVectors(r *report, raw []byte, _ *published) error {
	var cases []struct {
		Name, Text string
		Parts      [][]any // a text, and how many times it stands
		Refuse     bool
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		return err
	}
	for _, c := range cases {
		for _, part := range c.Parts {
			c.Text += strings.Repeat(text(part[0]), int(part[1].(float64)))
		}
		_, err := parseJSON([]byte(c.Text))
		r.is(c.Name, err != nil, c.Refuse)
	}
	return nil
}

func jcsVectors(r *report, raw []byte, _ *published) error {
	var cases []struct{ Name, Text, SHA256, Canonical string }
	if err := json.Unmarshal(raw, &cases); err != nil {
		return err
	}
	for _, c := range cases {
		value, err := parseJSON([]byte(c.Text))
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		sum := sha256.Sum256(canonical(value))
		r.is(c.Name, []string{string(canonical(value)), hex.EncodeToString(sum[:])}, []string{c.Canonical, c.SHA256})
	}
	return nil
}

func nquadsVectors(r *report, raw []byte, p *published) error {
	var file struct {
		Tables   map[string]any
		Contexts map[string]json.RawMessage
		Cases    []struct {
			Name, Tables string
			Document     json.RawMessage
			NQuads       *string
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	own := map[string]*tables{}
	for name, paths := range map[string][]string{"registration": {"credentials/v2", "organization/v1"}, "revocations": {"credentials/v2"}} {
		var contexts []map[string]any
		for _, path := range paths {
			contexts = append(contexts, p.contexts[path].terms)
		}
		t, err := newTables(contexts...)
		if err != nil {
			return err
		}
		own[name] = t
	}
	for name, text := range file.Contexts {
		documents, err := parseContext(text)
		if err != nil {
			return err
		}
		var contexts []map[string]any
		for _, document := range list(documents) {
			contexts = append(contexts, object(object(document)["@context"]))
		}
		if own[name], err = newTables(contexts...); err != nil {
			return err
		}
	}
	for name, want := range file.Tables {
		r.is("the tables "+name, own[name].plain(), want)
	}
	for _, c := range file.Cases {
		document, err := parseJSON(c.Document)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		var got *string
		if lines, err := own[c.Tables].nquads(object(document)); err == nil {
			got = new(string(lines))
		}
		r.is(c.Name, got, c.NQuads)
	}
	return nil
}

// plain is the form in which the vectors print tables.
func (t *tables) plain() any {
	terms := func(terms map[string]term) map[string]any {
		out := map[string]any{}
		for name, t := range terms {
			out[name] = nil
			if t.kind != "" {
				row := []any{t.iri, t.kind, nil, nil, t.guarded}
				if t.datatype != "" {
					row[2] = t.datatype
				}
				if t.words != nil {
					row[3] = t.words
				}
				out[name] = row
			}
		}
		return out
	}
	types := map[string]any{}
	for name, t := range t.types {
		types[name] = map[string]any{"iri": t.iri, "terms": terms(t.terms)}
	}
	return map[string]any{"terms": terms(t.terms), "types": types}
}

func rootVectors(r *report, raw []byte, _ *published) error {
	var file struct{ Leaves, Roots []string }
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	var log frontier
	for i, want := range file.Roots {
		root := log.root()
		r.is(fmt.Sprintf("%d leaves", i), hex.EncodeToString(root[:]), want)
		if i < len(file.Leaves) {
			data, err := hex.DecodeString(file.Leaves[i])
			if err != nil {
				return err
			}
			log.add(tlog.RecordHash(data))
		}
	}
	return nil
}

func inclusionVectors(r *report, raw []byte, _ *published) error {
	var cases []struct {
		Name        string
		Index, Size int64
		Leaf, Root  string
		Proof       []string
		Refuse      bool
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		return err
	}
	for _, c := range cases {
		ok := true
		read := func(s string) tlog.Hash {
			raw, err := hex.DecodeString(s)
			hash, whole := hashOf(raw)
			ok = ok && err == nil && whole
			return hash
		}
		var proof []tlog.Hash
		for _, s := range c.Proof {
			proof = append(proof, read(s))
		}
		leaf, root := read(c.Leaf), read(c.Root)
		r.is(c.Name, !ok || !included(c.Index, c.Size, leaf, proof, root), c.Refuse)
	}
	return nil
}

func cosignatureVectors(r *report, raw []byte, _ *published) error {
	var file struct {
		Cases []struct {
			Name, VKey, Note string
			Seconds          int64
			Code             string
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	for _, c := range file.Cases {
		key, err := parseVerifierKey(c.VKey)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if key.alg == algMLDSA44 {
			r.NotJudged = append(r.NotJudged, c.Name)
			continue
		}
		n, err := parseNote(c.Note)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		code := ""
		seconds, err := n.cosignedBy(key)
		if o, ok := err.(*outcome); ok {
			code = o.code
		} else if seconds == 0 {
			code = "not_cosigned"
		}
		r.is(c.Name, []any{seconds, code}, []any{c.Seconds, c.Code})
	}
	return nil
}

func policyVectors(r *report, raw []byte, _ *published) error {
	var file struct {
		Accepted []struct {
			Name, Text string
			Met, Unmet [][]string
		}
		Refused []struct{ Name, Text string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	met := func(p *policy, sets [][]string) []bool {
		var out []bool
		for _, set := range sets {
			cosigned := map[string]bool{}
			for _, name := range set {
				cosigned[name] = true
			}
			out = append(out, p.met(cosigned))
		}
		return out
	}
	for _, c := range file.Accepted {
		p, err := parsePolicy(c.Text)
		if err != nil {
			r.is(c.Name, "refused", "accepted")
			continue
		}
		all := slices.Repeat([]bool{true}, len(c.Met))
		r.is(c.Name, append(met(p, c.Met), met(p, c.Unmet)...), append(all, make([]bool, len(c.Unmet))...))
	}
	for _, c := range file.Refused {
		_, err := parsePolicy(c.Text)
		r.is(c.Name, err != nil, true)
	}
	return nil
}

func trustVectors(r *report, raw []byte, p *published) error {
	var file struct {
		Trust map[string]json.RawMessage
		Cases []struct {
			Name   string
			Drop   []string
			Change map[string]json.RawMessage
			Refuse bool
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	for _, c := range file.Cases {
		members := maps.Clone(file.Trust)
		for _, name := range c.Drop {
			delete(members, name)
		}
		maps.Copy(members, c.Change)
		text, err := json.Marshal(members)
		if err != nil {
			return err
		}
		_, err = parseTrust(text, p)
		r.is(c.Name, err != nil, c.Refuse)
	}
	return nil
}
