package main

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	rdfType   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	rdf       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xsd       = "http://www.w3.org/2001/XMLSchema#"
	maxNodes  = 12 // levels of nodes
	blankNode = "_:c14n0"
)

var errCanonical = errors.New("no document of the N-Quads profile")

// term is a term that a member may be; kind "" is one that is known and cannot
// be used.
type term struct {
	iri      string
	kind     string // literal, id or vocab
	datatype string
	words    map[string]string
	guarded  bool
}

type nodeType struct {
	iri   string
	terms map[string]term
}

// tables are what contexts come down to.
type tables struct {
	terms map[string]term
	types map[string]nodeType
}

func newTables(contexts ...map[string]any) (*tables, error) {
	t := &tables{map[string]term{}, map[string]nodeType{}}
	for _, context := range contexts {
		if err := addTerms(t.terms, readTerms(context)); err != nil {
			return nil, err
		}
		for name, definition := range context {
			if isWord(name) {
				addType(t.types, name, definition)
			}
		}
	}
	return t, nil
}

// isWord leaves out the keywords and their two aliases.
func isWord(name string) bool { return name[0] != '@' && name != "id" && name != "type" }

func readTerms(context map[string]any) map[string]term {
	terms := map[string]term{}
	guarded, _ := context["@protected"].(bool)
	for name, definition := range context {
		if isWord(name) {
			terms[name] = readTerm(definition, guarded)
		}
	}
	return terms
}

func readTerm(definition any, guarded bool) term {
	if iri, ok := definition.(string); ok {
		return term{iri: iri, kind: "literal", guarded: guarded}
	}
	o := object(definition)
	if own, ok := o["@protected"].(bool); ok {
		guarded = own
	}
	t := term{iri: text(o["@id"]), guarded: guarded}
	unusable := term{guarded: guarded}
	for name := range o {
		switch name {
		case "@id", "@type", "@protected":
		case "@container":
			if o[name] != "@set" {
				return unusable
			}
		case "@context":
			if o["@type"] != "@vocab" {
				return unusable
			}
		default:
			return unusable
		}
	}
	switch kind, typed := o["@type"]; {
	case !typed || kind == xsd+"string":
		t.kind = "literal"
	case kind == "@id":
		t.kind = "id"
	case kind == "@vocab":
		t.kind, t.words = "vocab", map[string]string{}
		for word, definition := range object(o["@context"]) {
			if isWord(word) {
				t.words[word] = readTerm(definition, guarded).iri
			}
		}
	case slices.Contains([]any{"@json", xsd + "double", rdf + "langString", rdf + "JSON", rdf + "HTML", rdf + "XMLLiteral"}, kind):
		return unusable
	default:
		t.kind, t.datatype = "literal", text(kind)
	}
	return t
}

func (t term) same(other term) bool {
	if len(t.words) != len(other.words) {
		return false
	}
	for word, iri := range t.words {
		if other.words[word] != iri {
			return false
		}
	}
	return t.iri == other.iri && t.kind == other.kind && t.datatype == other.datatype && t.guarded == other.guarded
}

func addTerms(to, terms map[string]term) error {
	for name, t := range terms {
		before, twice := to[name]
		if twice && (before.kind == "" || before.guarded && !before.same(t)) {
			return errCanonical
		}
		to[name] = t
	}
	return nil
}

func addType(types map[string]nodeType, name string, definition any) {
	if iri, ok := definition.(string); ok {
		types[name] = nodeType{iri, nil}
		return
	}
	o := object(definition)
	for member := range o {
		if member != "@id" && member != "@protected" && member != "@context" {
			return
		}
	}
	types[name] = nodeType{text(o["@id"]), readTerms(object(o["@context"]))}
}

// nquads gives the canonical N-Quads of a document, or an error for what the
// profile does not know.
func (t *tables) nquads(document map[string]any) ([]byte, error) {
	w := &walk{tables: t}
	if err := w.node(without(document, "@context"), 1); err != nil {
		return nil, err
	}
	if len(w.lines) == 0 {
		return nil, errCanonical
	}
	slices.Sort(w.lines)
	return []byte(strings.Join(slices.Compact(w.lines), "")), nil
}

type walk struct {
	*tables
	lines []string
}

var iriForm = regexp.MustCompile(`^(https?://|did:[a-z0-9]+:|urn:[A-Za-z0-9-]+:)[!#-;=?-\[\]_a-z~]+$`)

func iriOf(v any) (string, error) {
	if s := text(v); iriForm.MatchString(s) {
		return "<" + s + ">", nil
	}
	return "", errCanonical
}

func (w *walk) node(node map[string]any, level int) error {
	if level > maxNodes {
		return errCanonical
	}
	subject := blankNode
	if id, named := node["id"]; named || level > 1 {
		var err error
		if subject, err = iriOf(id); err != nil {
			return err
		}
	}
	terms, err := w.typed(subject, node)
	if err != nil {
		return err
	}
	for name, value := range node {
		if name == "id" || name == "type" {
			continue
		}
		t := terms[name]
		if t.kind == "" {
			return errCanonical
		}
		if err := w.member(subject, t, value, level); err != nil {
			return err
		}
	}
	return nil
}

// typed writes the lines of the node's types and gives the terms in force.
func (w *walk) typed(subject string, node map[string]any) (map[string]term, error) {
	terms := map[string]term{}
	if err := addTerms(terms, w.terms); err != nil {
		return nil, err
	}
	value, there := node["type"]
	if !there {
		return terms, nil
	}
	items, err := itemsOf(value)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, item := range items {
		t, known := w.types[text(item)]
		if !known {
			return nil, errCanonical
		}
		w.line(subject, rdfType, "<"+t.iri+">")
		names = append(names, text(item))
	}
	slices.Sort(names)
	for _, name := range names {
		if err := addTerms(terms, w.types[name].terms); err != nil {
			return nil, err
		}
	}
	return terms, nil
}

func itemsOf(value any) ([]any, error) {
	items, many := value.([]any)
	if !many {
		return []any{value}, nil
	}
	if len(items) == 0 {
		return nil, errCanonical
	}
	return items, nil
}

func (w *walk) member(subject string, t term, value any, level int) error {
	items, err := itemsOf(value)
	if err != nil {
		return err
	}
	for _, item := range items {
		node, isNode := item.(map[string]any)
		isNode = isNode && t.kind == "id"
		var to string
		switch {
		case isNode:
			to, err = iriOf(node["id"])
		case t.kind == "id":
			to, err = iriOf(item)
		case t.kind == "vocab":
			iri, known := t.words[text(item)]
			if !known {
				err = errCanonical
			}
			to = "<" + iri + ">"
		default:
			to, err = literal(item, t.datatype)
		}
		if err != nil {
			return err
		}
		w.line(subject, t.iri, to)
		if isNode {
			if err := w.node(node, level+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walk) line(subject, predicate, to string) {
	w.lines = append(w.lines, subject+" <"+predicate+"> "+to+" .\n")
}

func literal(value any, datatype string) (string, error) {
	lexical := ""
	switch v := value.(type) {
	case string:
		var err error
		if lexical, err = escapeLiteral(v); err != nil {
			return "", err
		}
	case bool:
		if datatype == "" {
			datatype = xsd + "boolean"
		}
		lexical = strconv.FormatBool(v)
	case int64:
		if datatype == "" {
			datatype = xsd + "integer"
		}
		lexical = strconv.FormatInt(v, 10)
	default:
		return "", errCanonical
	}
	if datatype == "" {
		return `"` + lexical + `"`, nil
	}
	return `"` + lexical + `"^^<` + datatype + `>`, nil
}

var literalEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func escapeLiteral(s string) (string, error) {
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\r' && r != '\t' || r == 0x7F || r == 0xFFFE || r == 0xFFFF {
			return "", errCanonical
		}
	}
	return literalEscapes.Replace(s), nil
}
