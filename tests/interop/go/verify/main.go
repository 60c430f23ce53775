// Command verify checks what the registry gives out: evidence and
// completeness files, and the shared vectors. It is written from the page
// /en/formats, the schemas, contexts and vectors that the registry publishes,
// and from the standards that they name (RFC 6962, 8785, 9162; C2SP signed
// notes, checkpoints, cosignatures, policies and proofs; W3C Data Integrity
// and Bitstring Status List) and from nothing else.
//
//	verify VECTORS-FOLDER CONTEXTS-FOLDER SCHEMAS-FOLDER
//	verify [--contexts FOLDER] [--schemas FOLDER] evidence.json trust.json [--at TIME] [--on DAY]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(2)
	}
}

var errUsage = errors.New("usage: verify VECTORS CONTEXTS SCHEMAS, or verify [--contexts FOLDER] [--schemas FOLDER] EVIDENCE TRUST [--at TIME] [--on DAY]")

func run(args []string) error {
	options := map[string]string{"--contexts": "contexts", "--schemas": "schemas", "--at": "", "--on": ""}
	var files []string
	for i := 0; i < len(args); i++ {
		if _, known := options[args[i]]; !known {
			files = append(files, args[i])
			continue
		}
		if i+1 == len(args) {
			return errUsage
		}
		options[args[i]] = args[i+1]
		i++
	}
	switch len(files) {
	case 3:
		p, err := loadPublished(files[1], files[2])
		if err != nil {
			return err
		}
		wrong, err := runVectors(files[0], p)
		if err == nil && wrong {
			os.Exit(1)
		}
		return err
	case 2:
		p, err := loadPublished(options["--contexts"], options["--schemas"])
		if err != nil {
			return err
		}
		return verifyFile(p, files[0], files[1], options["--at"], options["--on"])
	}
	return errUsage
}

// verifyFile prints the verdict on one file; anything but verified exits 1.
func verifyFile(p *published, evidence, trustFile, at, on string) error {
	text, err := os.ReadFile(evidence)
	if err != nil {
		return err
	}
	trustText, err := os.ReadFile(trustFile)
	if err != nil {
		return err
	}
	t, err := parseTrust(trustText, p)
	if err != nil {
		return fmt.Errorf("%s: %w", trustFile, err)
	}
	now := time.Now().Unix()
	if at != "" {
		var ok bool
		if now, ok = parseTime(at); !ok {
			return errUsage
		}
	}
	if on != "" && !isDay(on) {
		return errUsage
	}
	var answer any
	var result string
	if tellsCompleteness(text) {
		v := verifyCompleteness(text, t, now)
		answer, result = v, v.Verdict
	} else {
		v := verifyEvidence(text, t, now, on)
		answer, result = v, v.Verdict
	}
	if err := printJSON(answer); err != nil {
		return err
	}
	if result != "verified" {
		os.Exit(1)
	}
	return nil
}

func printJSON(v any) error {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(v)
}
