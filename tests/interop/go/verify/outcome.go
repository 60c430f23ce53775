package main

// outcome is how a step ended that did not pass.
type outcome struct {
	result string
	code   string
}

func (o *outcome) Error() string { return o.result + ": " + o.code }

func failed(code string) error { return &outcome{"failed", code} }
func unsure(code string) error { return &outcome{"indeterminate", code} }

// notAsked is of a step that the trust file does not ask for.
func notAsked() error { return &outcome{"not_asked", "not_required"} }

type step struct {
	Step   string  `json:"step"`
	Result string  `json:"result"`
	Code   *string `json:"code"`
	Reason *string `json:"reason"`
}

type steps []step

// run runs a step where all that it waits for have passed.
func (s *steps) run(name string, f func() error, waits ...string) {
	for _, wait := range waits {
		if !s.passed(wait) {
			*s = append(*s, step{Step: name, Result: "not_reached"})
			return
		}
	}
	err := f()
	if err == nil {
		*s = append(*s, step{Step: name, Result: "passed"})
		return
	}
	o := err.(*outcome)
	*s = append(*s, step{Step: name, Result: o.result, Code: &o.code})
}

func (s steps) passed(name string) bool {
	for _, step := range s {
		if step.Step == name {
			return step.Result == "passed"
		}
	}
	return false
}

func (s steps) verdict() string {
	verdict := "verified"
	for _, step := range s {
		replaced := step.Step == "current" && step.Code != nil && *step.Code == "superseded"
		switch {
		case step.Result == "failed" && !replaced:
			return "failed"
		case step.Result == "indeterminate" || step.Result == "not_reached":
			verdict = "indeterminate"
		case replaced && verdict == "verified":
			verdict = "superseded"
		}
	}
	return verdict
}
