package main

// standing are those of the later entries that no correction takes away.
func standing(later []*entry) []*entry {
	corrected := map[int64]bool{}
	for _, e := range later {
		if e.kind == "correct" {
			for index := range e.refers {
				corrected[index] = true
			}
		}
	}
	var out []*entry
	for _, e := range later {
		if (e.kind == "issue" || e.kind == "supersede" || e.kind == "correct") && !corrected[e.index] {
			out = append(out, e)
		}
	}
	return out
}

// replaced tells which of the later entries took this one's place, and the
// code of it.
func replaced(e *entry, later []*entry) (*entry, string) {
	for _, l := range later {
		if l.kind == "erase" {
			return l, "erased"
		}
	}
	for _, l := range later {
		if l.kind == "correct" && l.refers[e.index] {
			return l, "corrected"
		}
	}
	var first, firstAfter *entry
	for _, l := range standing(later) {
		first = earlier(first, l)
		if l.day() >= e.day() {
			firstAfter = earlier(firstAfter, l)
		}
	}
	if firstAfter != nil {
		first = firstAfter
	}
	if first == nil {
		return nil, ""
	}
	return first, "superseded"
}

func earlier(a, b *entry) *entry {
	if a == nil || b.day() < a.day() || b.day() == a.day() && b.index < a.index {
		return b
	}
	return a
}

type inForce struct {
	From  string  `json:"from"`
	Until *string `json:"until"`
}

func inForceOf(e *entry, later []*entry) *inForce {
	f := &inForce{From: e.day()}
	for _, l := range later {
		if l.kind == "correct" && l.refers[e.index] {
			f.Until = &f.From
			return f
		}
	}
	for _, l := range standing(later) {
		if day := l.day(); day >= f.From && (f.Until == nil || day < *f.Until) {
			f.Until = &day
		}
	}
	return f
}

func (f *inForce) on(day string) bool { return f.From <= day && (f.Until == nil || day < *f.Until) }

// laterTrue is whether the later entries are of the organization, and in order
// between the entry and the checkpoint.
func laterTrue(e *entry, later []*entry, size int64) bool {
	before := e.index
	for _, l := range later {
		if l.org != e.org || l.index <= before || l.index >= size {
			return false
		}
		before = l.index
	}
	return true
}
