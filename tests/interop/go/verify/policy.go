package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxWitnesses = 48
	maxGroups    = 48
)

var errPolicy = errors.New("no witness policy")

// policy is a c2sp.org/tlog-policy.
type policy struct {
	logs      []verifierKey
	witnesses map[string]verifierKey
	groups    map[string]group
	quorum    string // "none", or a witness or group
}

type group struct {
	threshold int
	members   []string
}

func parsePolicy(s string) (*policy, error) {
	control := func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7F }
	if !utf8.ValidString(s) || strings.ContainsFunc(s, control) {
		return nil, errPolicy
	}
	p := &policy{witnesses: map[string]verifierKey{}, groups: map[string]group{}}
	grouped := map[string]bool{}
	keys := map[string]bool{}
	for _, line := range strings.Split(s, "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if err := p.line(words, grouped, keys); err != nil {
			return nil, err
		}
	}
	if p.quorum == "" || len(p.witnesses) > maxWitnesses || len(p.groups) > maxGroups {
		return nil, errPolicy
	}
	return p, nil
}

func (p *policy) line(words []string, grouped, keys map[string]bool) error {
	switch {
	case words[0] == "log" && (len(words) == 2 || len(words) == 3):
		key, err := newKey(words[1], keys)
		if err != nil || key.alg != algEd25519 {
			return errPolicy
		}
		p.logs = append(p.logs, key)
	case words[0] == "witness" && (len(words) == 3 || len(words) == 4):
		key, err := newKey(words[2], keys)
		if err != nil || key.alg == algEd25519 || !p.isNew(words[1]) {
			return errPolicy
		}
		p.witnesses[words[1]] = key
	case words[0] == "group" && len(words) >= 4:
		members := words[3:]
		threshold, ok := parseThreshold(words[2], len(members))
		if !ok || !p.isNew(words[1]) {
			return errPolicy
		}
		for _, member := range members {
			if !p.knows(member) || grouped[member] {
				return errPolicy
			}
			grouped[member] = true
		}
		p.groups[words[1]] = group{threshold, members}
	case words[0] == "quorum" && len(words) == 2:
		if p.quorum != "" || words[1] != "none" && !p.knows(words[1]) {
			return errPolicy
		}
		p.quorum = words[1]
	default:
		return errPolicy
	}
	return nil
}

// newKey refuses a key that an earlier line has, under whatever name: one
// witness must not count twice.
func newKey(s string, keys map[string]bool) (verifierKey, error) {
	key, err := parseVerifierKey(s)
	bytes := string([]byte{key.alg}) + key.key
	if err != nil || keys[bytes] {
		return key, errPolicy
	}
	keys[bytes] = true
	return key, nil
}

func (p *policy) knows(name string) bool {
	_, witness := p.witnesses[name]
	_, group := p.groups[name]
	return witness || group
}

func (p *policy) isNew(name string) bool { return name != "none" && !p.knows(name) }

func parseThreshold(s string, members int) (int, bool) {
	switch s {
	case "any":
		return 1, true
	case "all":
		return members, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && decimalSize.MatchString(s) && n >= 1 && n <= members
}

func (p *policy) asks() bool { return p.quorum != "none" }

// met is whether these witnesses are enough.
func (p *policy) met(cosigned map[string]bool) bool {
	return !p.asks() || p.counts(p.quorum, cosigned)
}

func (p *policy) counts(name string, cosigned map[string]bool) bool {
	g, isGroup := p.groups[name]
	if !isGroup {
		return cosigned[name]
	}
	n := 0
	for _, member := range g.members {
		if p.counts(member, cosigned) {
			n++
		}
	}
	return n >= g.threshold
}

func (p *policy) namesLog(name string) bool {
	return slices.ContainsFunc(p.logs, func(k verifierKey) bool { return k.name == name })
}

// witnessed gives the newest cosignature that counts, where they are enough.
func (p *policy) witnessed(n *note, at int64) (int64, error) {
	var newest int64
	seen := false
	counted := map[string]bool{}
	for name, key := range p.witnesses {
		seconds, err := n.cosignedBy(key)
		if err != nil {
			return 0, err
		}
		seen = seen || seconds > 0
		if seconds > 0 && seconds <= at+maxSkew {
			counted[name] = true
			newest = max(newest, seconds)
		}
	}
	if !seen {
		return 0, unsure("cosignature_missing")
	}
	if !p.met(counted) {
		return 0, failed("quorum")
	}
	return newest, nil
}
