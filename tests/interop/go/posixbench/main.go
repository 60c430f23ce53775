// posixbench measures durable appends by Tessera's POSIX driver, for a comparison with ours. An append has ended when the
// entry has its index: entries, tiles and tree state are synced by then, the checkpoint that covers it may still come.
//
//	posixbench -dir NEW_DIRECTORY [-entries 20000] [-batch 256] [-writers 1024] [-bytes 200]
//
// One line of JSON: entries per second, p50 and p99 of an append in ms, and how many 4 KiB overwrites with fsync this disk
// does in a second, before and after.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"
)

const syncs = 200

func main() {
	klog.SetLogger(logr.Discard()) // it would write files into the temporary folder
	dir := flag.String("dir", "", "new directory on the disk to be measured")
	entries := flag.Int64("entries", 20000, "how many entries")
	batch := flag.Uint("batch", 256, "entries a batch")
	writers := flag.Int("writers", 0, "writers, each with one entry under way; 0: four a batch entry, one for batches of 1")
	length := flag.Int("bytes", 200, "bytes an entry")
	flag.Parse()
	if *writers == 0 {
		*writers = 4 * int(*batch)
		if *batch == 1 {
			*writers = 1
		}
	}
	must(os.Mkdir(*dir, 0o755))
	before := syncsPerSecond(*dir)
	ctx := context.Background()
	add, shutdown := open(ctx, filepath.Join(*dir, "log"), *batch, uint(*writers)+*batch)

	took := make([][]time.Duration, *writers)
	var next atomic.Int64
	var running sync.WaitGroup
	start := time.Now()
	for writer := range took {
		running.Go(func() {
			for n := next.Add(1); n <= *entries; n = next.Add(1) {
				entry := make([]byte, *length)
				copy(entry, fmt.Sprintf("entry %d ", n))
				began := time.Now()
				_, err := add(ctx, tessera.NewEntry(entry))()
				must(err)
				took[writer] = append(took[writer], time.Since(began))
			}
		})
	}
	running.Wait()
	elapsed := time.Since(start)
	must(shutdown(ctx))
	all := slices.Concat(took...)
	slices.Sort(all)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"entries":            *entries,
		"batch":              *batch,
		"writers":            *writers,
		"bytes":              *length,
		"entries_per_second": int(float64(*entries) / elapsed.Seconds()),
		"p50_ms":             milliseconds(all[len(all)/2]),
		"p99_ms":             milliseconds(all[len(all)*99/100]),
		"fsyncs_per_second":  []int{before, syncsPerSecond(*dir)},
	}))
}

func open(ctx context.Context, dir string, batch, pushback uint) (tessera.AddFn, func(context.Context) error) {
	skey, _, err := note.GenerateKey(rand.Reader, "log.example/bench")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	must(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).
		WithBatching(batch, 20*time.Millisecond).
		WithPushback(pushback)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, options)
	must(err)
	return appender.Add, shutdown
}

func syncsPerSecond(dir string) int {
	file, err := os.CreateTemp(dir, "fsync-*")
	must(err)
	defer func() { must(os.Remove(file.Name())) }()
	defer file.Close()
	block := make([]byte, 4096)
	start := time.Now()
	for range syncs {
		_, err := file.WriteAt(block, 0)
		must(err)
		must(file.Sync())
	}
	return int(syncs / time.Since(start).Seconds())
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
