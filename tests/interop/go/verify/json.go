package main

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxLevels = 64
	maxValues = 100_000
	maxWhole  = 1<<53 - 1
)

var errJSON = errors.New("not JSON as the page reads it")

// decimal is the one number beside whole ones that is read at all: the 1.1 of
// a context's @version.
type decimal string

// reader reads JSON strictly. encoding/json takes doubled names, fractions and
// lone surrogates, so it cannot be the reader of what is hashed and signed.
type reader struct {
	text     string
	at       int
	values   int
	versions bool // whether 1.1 may stand where a number may
}

// parseJSON gives nil, bool, int64, string, []any or map[string]any.
func parseJSON(text []byte) (any, error) { return readAll(text, false) }

// parseContext is parseJSON for a context document, which has @version 1.1.
func parseContext(text []byte) (any, error) { return readAll(text, true) }

func readAll(text []byte, versions bool) (any, error) {
	if !utf8.Valid(text) {
		return nil, errJSON
	}
	r := &reader{text: string(text), versions: versions}
	value, err := r.value(0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.at != len(r.text) {
		return nil, errJSON
	}
	return value, nil
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// take steps over the byte c, behind any white space, where it stands next.
func (r *reader) take(c byte) bool {
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *reader) word(w string) bool {
	if len(r.text)-r.at >= len(w) && r.text[r.at:r.at+len(w)] == w {
		r.at += len(w)
		return true
	}
	return false
}

func (r *reader) value(level int) (any, error) {
	r.space()
	if r.values++; r.values > maxValues || r.at == len(r.text) {
		return nil, errJSON
	}
	switch c := r.text[r.at]; {
	case c == '{' || c == '[':
		if level == maxLevels {
			return nil, errJSON
		}
		r.at++
		if c == '{' {
			return r.object(level + 1)
		}
		return r.array(level + 1)
	case c == '"':
		return r.str()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	case r.word("true"):
		return true, nil
	case r.word("false"):
		return false, nil
	case r.word("null"):
		return nil, nil
	}
	return nil, errJSON
}

func (r *reader) object(level int) (any, error) {
	members := map[string]any{}
	if r.take('}') {
		return members, nil
	}
	for {
		r.space()
		if r.at == len(r.text) || r.text[r.at] != '"' {
			return nil, errJSON
		}
		name, err := r.str()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice || !r.take(':') {
			return nil, errJSON
		}
		if members[name], err = r.value(level); err != nil {
			return nil, err
		}
		if r.take('}') {
			return members, nil
		}
		if !r.take(',') {
			return nil, errJSON
		}
	}
}

func (r *reader) array(level int) (any, error) {
	items := []any{}
	if r.take(']') {
		return items, nil
	}
	for {
		item, err := r.value(level)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if r.take(']') {
			return items, nil
		}
		if !r.take(',') {
			return nil, errJSON
		}
	}
}

func (r *reader) number() (any, error) {
	from := r.at
	if r.versions && r.word("1.1") && !r.numberGoesOn() {
		return decimal("1.1"), nil
	}
	r.at = from
	r.word("-")
	digits := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	if r.at == digits || r.text[digits] == '0' && (r.at > digits+1 || digits > from) || r.numberGoesOn() {
		return nil, errJSON
	}
	n, err := strconv.ParseInt(r.text[from:r.at], 10, 64)
	if err != nil || n > maxWhole || n < -maxWhole {
		return nil, errJSON
	}
	return n, nil
}

func (r *reader) numberGoesOn() bool {
	if r.at == len(r.text) {
		return false
	}
	c := r.text[r.at]
	return c == '.' || c == 'e' || c == 'E' || c >= '0' && c <= '9'
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *reader) str() (string, error) {
	r.at++
	var out []byte
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", errJSON
		case c != '\\':
			out = append(out, c)
			continue
		}
		if r.at == len(r.text) {
			return "", errJSON
		}
		c = r.text[r.at]
		r.at++
		if plain, ok := escapes[c]; ok {
			out = append(out, plain)
			continue
		}
		if c != 'u' {
			return "", errJSON
		}
		point, err := r.escaped()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, point)
	}
	return "", errJSON
}

// escaped reads the digits of \u, and of the second half where the first is of
// a pair; a half alone is refused.
func (r *reader) escaped() (rune, error) {
	first, err := r.hex4()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	if !r.word(`\u`) {
		return 0, errJSON
	}
	second, err := r.hex4()
	if err != nil {
		return 0, err
	}
	point := utf16.DecodeRune(first, second)
	if point == utf8.RuneError {
		return 0, errJSON
	}
	return point, nil
}

func (r *reader) hex4() (rune, error) {
	if len(r.text)-r.at < 4 {
		return 0, errJSON
	}
	n, err := strconv.ParseUint(r.text[r.at:r.at+4], 16, 16)
	if err != nil {
		return 0, errJSON
	}
	r.at += 4
	return rune(n), nil
}

// The accessors below give the zero value where the shape is another one: a
// document may be of any shape, and each step says itself what it needs.

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func list(v any) []any {
	a, _ := v.([]any)
	return a
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}

// without is the object with one member left out.
func without(o map[string]any, name string) map[string]any {
	rest := make(map[string]any, len(o))
	for k, v := range o {
		if k != name {
			rest[k] = v
		}
	}
	return rest
}
