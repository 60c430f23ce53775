package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	fsckWorkers = 2
	fsckLook    = 10 * time.Millisecond
	fsckLonger  = 300 * time.Millisecond
	fsckLimit   = 60 * time.Second
)

// fsck runs Tessera's. v1.0.4 hangs on a bad tile: each worker that meets one ends, and nobody takes what it is sent next
// (its issue 1098). A tile that its status calls bad, and silence beyond the limit, therefore count as refused.
func (p *peer) fsck() error {
	ctx, cancel := context.WithTimeout(p.ctx, fsckLimit)
	defer cancel()
	check := fsck.New(p.key.Name(), p.key, p.fetch, leafHashes, fsck.Opts{N: fsckWorkers})
	ended := make(chan error, 1)
	go func() { ended <- recovered(func() error { return check.Check(ctx) }) }()
	look := time.NewTicker(fsckLook)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return errors.New("no verdict in time")
		case <-look.C:
			bad := badRange(statusOf(check))
			if bad == nil {
				continue
			}
			select {
			case err := <-ended:
				return err
			case <-time.After(fsckLonger):
				return fmt.Errorf("hung after %w", bad)
			}
		}
	}
}

// statusOf is empty where fsck has not come far enough to tell: it panics then.
func statusOf(check *fsck.Fsck) (status fsck.Status) {
	defer func() { _ = recover() }()
	return check.Status()
}

func badRange(status fsck.Status) error {
	for _, bundles := range status.EntryRanges {
		if isBad(bundles.State) {
			return fmt.Errorf("bundle %d: %v", bundles.First, bundles.State)
		}
	}
	for level, ranges := range status.TileRanges {
		for _, tiles := range ranges {
			if isBad(tiles.State) {
				return fmt.Errorf("tile %d of level %d: %v", tiles.First, level, tiles.State)
			}
		}
	}
	return nil
}

func isBad(state fsck.State) bool { return state == fsck.Invalid || state == fsck.FetchError }

func leafHashes(data []byte) ([][]byte, error) {
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(data); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, entry := range bundle.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

// tileReader gives x/mod the tiles of a log that Tessera's fetcher reads.
type tileReader struct{ *peer }

func (r tileReader) Height() int { return 8 }

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r tileReader) ReadTiles(asked []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(asked))
	for i, tile := range asked {
		data, err := r.fetch.ReadTile(r.ctx, uint64(tile.L), uint64(tile.N), uint8(tile.W)) // a full tile: 256, here 0
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize { // a full tile may answer for a partial one
			return nil, fmt.Errorf("%s is cut short", tile.Path())
		}
		found[i] = data[:tile.W*tlog.HashSize]
	}
	return found, nil
}
