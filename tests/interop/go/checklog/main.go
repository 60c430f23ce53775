// checklog has a whole tlog-tiles log judged by code that nobody of this project wrote: Tessera's fsck and its client,
// golang.org/x/mod's note and tlog, transparency-dev/merkle.
//
//	checklog -log DIRECTORY_OR_URL -vkey VKEY [-since FILE]...
//
// -since names an earlier checkpoint that the log must have grown from. One line of JSON: the size that the checkpoint
// tells, how many inclusion proofs were compared, and for each judge null or why it refuses. Exit 0 also when they refuse.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/go-logr/logr"
	checkpoints "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"k8s.io/klog/v2"
)

// how many entries are looked at one by one, spread over the log
const samples = 64

type verdict struct {
	Size       uint64  `json:"size"`
	Inclusions int     `json:"inclusions"`
	Checkpoint *string `json:"checkpoint"`
	Fsck       *string `json:"fsck"`
	Client     *string `json:"client"`
	Xmod       *string `json:"xmod"`
	Since      *string `json:"since"`
}

// peer is one log as it is read from outside.
type peer struct {
	ctx     context.Context
	fetch   fsck.Fetcher
	key     note.Verifier
	size    uint64
	root    []byte
	checked int
}

func main() {
	klog.SetLogger(logr.Discard()) // it would write files into the temporary folder
	place := flag.String("log", "", "directory or URL of the log")
	vkey := flag.String("vkey", "", "the log's verifier key; its name is the origin")
	var since []string
	flag.Func("since", "file with an earlier checkpoint", func(path string) error { since = append(since, path); return nil })
	flag.Parse()
	key, err := note.NewVerifier(*vkey)
	must(err)
	fetch, err := fetcher(*place)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(judge(&peer{ctx: context.Background(), fetch: fetch, key: key}, since)))
}

func judge(p *peer, since []string) (found verdict) {
	err := p.open()
	found.Size, found.Checkpoint = p.size, reason(err)
	if err != nil {
		return
	}
	found.Fsck = reason(p.fsck())
	found.Xmod = reason(recovered(p.xmod))
	found.Client = reason(recovered(p.client))
	for _, path := range since {
		if err := recovered(func() error { return p.since(path) }); err != nil && found.Since == nil {
			found.Since = reason(fmt.Errorf("%s: %w", path, err))
		}
	}
	found.Inclusions = p.checked
	return
}

func fetcher(place string) (fsck.Fetcher, error) {
	if !strings.HasPrefix(place, "http") {
		return client.FileFetcher{Root: place}, nil
	}
	root, err := url.Parse(place)
	if err != nil {
		return nil, err
	}
	return client.NewHTTPFetcher(root, nil)
}

// open reads the checkpoint by two note readers: formats' (through Tessera) and x/mod's.
func (p *peer) open() error {
	found, raw, _, err := client.FetchCheckpoint(p.ctx, p.fetch.ReadCheckpoint, p.key, p.key.Name())
	if err != nil {
		return err
	}
	opened, err := note.Open(raw, note.VerifierList(p.key))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	if found.Size == 0 {
		return errors.New("an empty log proves nothing")
	}
	if len(found.Hash) != tlog.HashSize || lines[1] != fmt.Sprint(found.Size) {
		return errors.New("the two readers do not agree on the checkpoint")
	}
	p.size, p.root = found.Size, found.Hash
	return nil
}

// xmod reads every tile by x/mod's own tile reader, which checks each against the root, and every bundle against the tiles.
func (p *peer) xmod() error {
	tree := tlog.Tree{N: int64(p.size), Hash: tlog.Hash(p.root)}
	hashes := tlog.TileHashReader(tree, tileReader{p})
	for start := uint64(0); start < p.size; start += 256 {
		bundle, err := client.GetEntryBundle(p.ctx, p.fetch.ReadEntryBundle, start/256, p.size)
		if err != nil {
			return err
		}
		if uint64(len(bundle.Entries)) != min(256, p.size-start) {
			return fmt.Errorf("bundle %d has %d entries", start/256, len(bundle.Entries))
		}
		places := make([]int64, len(bundle.Entries))
		for i := range places {
			places[i] = tlog.StoredHashIndex(0, int64(start)+int64(i))
		}
		leaves, err := hashes.ReadHashes(places)
		if err != nil {
			return err
		}
		for i, entry := range bundle.Entries {
			if leaves[i] != tlog.RecordHash(entry) {
				return fmt.Errorf("entry %d is not what its tile says", start+uint64(i))
			}
		}
	}
	return nil
}

// client lets Tessera build inclusion proofs, and merkle and x/mod judge them.
func (p *peer) client() error {
	builder, err := client.NewProofBuilder(p.ctx, p.size, p.fetch.ReadTile)
	if err != nil {
		return err
	}
	for i := uint64(0); i < samples; i++ {
		index := i * (p.size - 1) / (samples - 1)
		bundle, err := client.GetEntryBundle(p.ctx, p.fetch.ReadEntryBundle, index/256, p.size)
		if err != nil {
			return err
		}
		if uint64(len(bundle.Entries)) <= index%256 {
			return fmt.Errorf("bundle %d lacks entry %d", index/256, index)
		}
		entry := bundle.Entries[index%256]
		hashes, err := builder.InclusionProof(p.ctx, index)
		if err != nil {
			return err
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(entry)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, p.size, leaf, hashes, p.root); err != nil {
			return fmt.Errorf("merkle, entry %d: %w", index, err)
		}
		record := tlog.RecordHash(entry)
		if err := tlog.CheckRecord(tlogHashes(hashes), int64(p.size), tlog.Hash(p.root), int64(index), record); err != nil {
			return fmt.Errorf("x/mod, entry %d: %w", index, err)
		}
		p.checked++
	}
	return nil
}

// since proves from the tiles that the log grew from an earlier checkpoint, by Tessera and merkle, and by x/mod.
func (p *peer) since(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	old, _, _, err := checkpoints.ParseCheckpoint(raw, p.key.Name(), p.key)
	if err != nil {
		return err
	}
	if old.Size == 0 || old.Size > p.size {
		return fmt.Errorf("the log has %d entries, the earlier checkpoint %d", p.size, old.Size)
	}
	builder, err := client.NewProofBuilder(p.ctx, p.size, p.fetch.ReadTile)
	if err != nil {
		return err
	}
	hashes, err := builder.ConsistencyProof(p.ctx, old.Size, p.size)
	if err != nil {
		return err
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, p.size, hashes, old.Hash, p.root); err != nil {
		return fmt.Errorf("merkle: %w", err)
	}
	if old.Size == p.size {
		return nil
	}
	tree := tlog.Tree{N: int64(p.size), Hash: tlog.Hash(p.root)}
	grown, err := tlog.ProveTree(tree.N, int64(old.Size), tlog.TileHashReader(tree, tileReader{p}))
	if err != nil {
		return fmt.Errorf("x/mod: %w", err)
	}
	if err := tlog.CheckTree(grown, tree.N, tree.Hash, int64(old.Size), tlog.Hash(old.Hash)); err != nil {
		return fmt.Errorf("x/mod: %w", err)
	}
	return nil
}

func recovered(ask func() error) (err error) {
	defer func() {
		if told := recover(); told != nil {
			err = fmt.Errorf("panic: %v", told)
		}
	}()
	return ask()
}

func reason(err error) *string {
	if err == nil {
		return nil
	}
	told := err.Error()
	if len(told) > 300 {
		told = told[:300]
	}
	return &told
}

func tlogHashes(hashes [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(hashes))
	for i, hash := range hashes {
		found[i] = tlog.Hash(hash)
	}
	return found
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
