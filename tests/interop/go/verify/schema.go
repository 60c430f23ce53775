package main

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// schema is a JSON Schema of draft 2020-12, with the keywords that the
// registry's schemas use.
type schema struct {
	rules map[string]any
	exact map[string]*pattern
}

// newSchema refuses a keyword that it does not know: to pass over one would be
// to let through what the schema forbids.
func newSchema(rules map[string]any) (*schema, error) {
	s := &schema{rules, map[string]*pattern{}}
	return s, s.prepare(rules)
}

func (s *schema) prepare(rules map[string]any) error {
	for keyword, rule := range rules {
		var below []any
		switch keyword {
		case "$schema", "title", "description", "type", "required", "const", "enum", "minItems", "maxItems",
			"minLength", "maxLength", "minimum", "maximum", "exclusiveMaximum":
		case "additionalProperties", "items", "not":
			if rule == false && keyword == "additionalProperties" {
				continue
			}
			below = []any{rule}
		case "properties":
			for _, property := range object(rule) {
				below = append(below, property)
			}
		case "anyOf", "oneOf":
			below = list(rule)
		case "pattern":
			p, err := newPattern(text(rule))
			if err != nil {
				return err
			}
			s.exact[text(rule)] = p
		default:
			return fmt.Errorf("unknown keyword %q", keyword)
		}
		for _, rule := range below {
			rules, ok := rule.(map[string]any)
			if !ok {
				return fmt.Errorf("%s: no schema", keyword)
			}
			if err := s.prepare(rules); err != nil {
				return err
			}
		}
	}
	return nil
}

// fits is whether the value is as the schema says.
func (s *schema) fits(value any) bool { return s.fit(s.rules, value) }

func (s *schema) fit(rules map[string]any, value any) bool {
	for keyword, rule := range rules {
		if !s.holds(keyword, rule, rules, value) {
			return false
		}
	}
	return true
}

func (s *schema) holds(keyword string, rule any, rules map[string]any, value any) bool {
	switch keyword {
	case "type":
		return isOfType(rule, value)
	case "const":
		return same(rule, value)
	case "enum":
		return s.count(list(rule), func(v any) bool { return same(v, value) }) > 0
	case "anyOf":
		return s.count(list(rule), func(r any) bool { return s.fit(object(r), value) }) > 0
	case "oneOf":
		return s.count(list(rule), func(r any) bool { return s.fit(object(r), value) }) == 1
	case "not":
		return !s.fit(object(rule), value)
	}
	switch v := value.(type) {
	case map[string]any:
		return s.objectHolds(keyword, rule, rules, v)
	case []any:
		return s.arrayHolds(keyword, rule, v)
	case string:
		switch keyword {
		case "minLength":
			return utf8.RuneCountInString(v) >= int(whole(rule))
		case "maxLength":
			return utf8.RuneCountInString(v) <= int(whole(rule))
		case "pattern":
			return s.exact[text(rule)].matches(v)
		}
	case int64:
		switch keyword {
		case "minimum":
			return v >= whole(rule)
		case "maximum":
			return v <= whole(rule)
		case "exclusiveMaximum":
			return v < whole(rule)
		}
	}
	return true
}

func (s *schema) objectHolds(keyword string, rule any, rules, value map[string]any) bool {
	switch keyword {
	case "required":
		for _, name := range list(rule) {
			if _, there := value[text(name)]; !there {
				return false
			}
		}
	case "properties":
		for name, rule := range object(rule) {
			if v, there := value[name]; there && !s.fit(object(rule), v) {
				return false
			}
		}
	case "additionalProperties":
		for name, v := range value {
			if _, named := object(rules["properties"])[name]; named {
				continue
			}
			if rule == false || !s.fit(object(rule), v) {
				return false
			}
		}
	}
	return true
}

func (s *schema) arrayHolds(keyword string, rule any, value []any) bool {
	switch keyword {
	case "minItems":
		return len(value) >= int(whole(rule))
	case "maxItems":
		return len(value) <= int(whole(rule))
	case "items":
		return s.count(value, func(v any) bool { return s.fit(object(rule), v) }) == len(value)
	}
	return true
}

func (s *schema) count(items []any, is func(any) bool) int {
	n := 0
	for _, item := range items {
		if is(item) {
			n++
		}
	}
	return n
}

func isOfType(rule, value any) bool {
	for _, name := range list(rule) {
		if isOfType(name, value) {
			return true
		}
	}
	is := false
	switch rule {
	case "object":
		_, is = value.(map[string]any)
	case "array":
		_, is = value.([]any)
	case "string":
		_, is = value.(string)
	case "integer":
		_, is = value.(int64)
	case "boolean":
		_, is = value.(bool)
	case "null":
		is = value == nil
	}
	return is
}

func same(a, b any) bool { return string(canonical(a)) == string(canonical(b)) }

// pattern is a regular expression; Go's know no repeat above 1000, so a longer
// one at the end is counted.
type pattern struct {
	*regexp.Regexp
	least, most int
}

var longRepeat = regexp.MustCompile(`^(.*)(\[[^\]]*\])\{([0-9]+),([0-9]{4,})\}\$$`)

func newPattern(s string) (*pattern, error) {
	p := &pattern{}
	if m := longRepeat.FindStringSubmatch(s); m != nil {
		p.least, _ = strconv.Atoi(m[3])
		p.most, _ = strconv.Atoi(m[4])
		s = m[1] + "(" + m[2] + "*)$"
	}
	var err error
	p.Regexp, err = regexp.Compile(s)
	return p, err
}

func (p *pattern) matches(s string) bool {
	if p.most == 0 {
		return p.MatchString(s)
	}
	m := p.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	n := utf8.RuneCountInString(m[len(m)-1])
	return n >= p.least && n <= p.most
}
