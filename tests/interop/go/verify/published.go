package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// published is what the registry publishes beside its files.
type published struct {
	contexts map[string]contextDocument // by their path, as credentials/v2
	schemas  map[string]*schema         // by their path, as entry/v1
}

type contextDocument struct {
	digest string
	terms  map[string]any
}

const (
	credentialsContext = "https://www.w3.org/ns/credentials/v2"
	firstContext       = "/contexts/organization/v1"
	secondContext      = "/contexts/organization/v2"
)

func loadPublished(contexts, schemas string) (*published, error) {
	p := &published{map[string]contextDocument{}, map[string]*schema{}}
	for _, path := range []string{"credentials/v2", "organization/v1", "organization/v2"} {
		document, err := load(filepath.Join(contexts, path+".jsonld"), parseContext)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(canonical(document))
		p.contexts[path] = contextDocument{hex.EncodeToString(sum[:]), object(object(document)["@context"])}
	}
	for _, path := range []string{"completeness/v1", "entry/v1", "evidence/v1", "organization/v1", "organization/v2",
		"permit/v1", "status-list/v1", "trust/v1"} {
		document, err := load(filepath.Join(schemas, path+".json"), parseJSON)
		if err != nil {
			return nil, err
		}
		if p.schemas[path], err = newSchema(object(document)); err != nil {
			return nil, fmt.Errorf("schema %s: %w", path, err)
		}
	}
	return p, nil
}

func load(path string, parse func([]byte) (any, error)) (any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return document, nil
}
