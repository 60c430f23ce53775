// server runs transparency-dev's omniwitness for the logs it is told, on loopback: upstream's own command would add its list of
// public logs, listen on every address and call out.
//
//	server -db FILE [-name NAME] VKEY...
//
// VKEYs are those of the logs; a key's name is the log's origin. One line of JSON once it listens: {"url", "vkey"}. It
// makes itself a new key at every start. SIGTERM ends it.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/config"
	"github.com/transparency-dev/witness/omniwitness"
	"github.com/transparency-dev/witness/persistence/sqlite"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	db := flag.String("db", "", "SQLite file with what was cosigned")
	name := flag.String("name", "witness.example/omniwitness", "the witness's name")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	signer, vkey := key(*name)
	kept, closed, err := sqlite.New(ctx, sqlite.Opts{Path: *db, MaxOpenConns: 4})
	must(err)
	defer func() { must(closed()) }()
	must(kept.AddLogs(ctx, logs(flag.Args())))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "http://" + listener.Addr().String(), "vkey": vkey}))
	operator := omniwitness.OperatorConfig{
		WitnessKeys:     []note.Signer{signer},
		WitnessVerifier: signer.Verifier(),
		Logs:            kept,
	}
	err = omniwitness.Main(ctx, operator, kept, listener, &http.Client{Transport: silent{}})
	if ctx.Err() == nil {
		must(err)
	}
}

func logs(vkeys []string) (found []config.Log) {
	for _, vkey := range vkeys {
		verifier, err := formats.NewVerifier(vkey)
		must(err)
		found = append(found, config.Log{VKey: vkey, Verifier: verifier, Origin: verifier.Name()})
	}
	return
}

// key makes a cosigner and its verifier key, both of algorithm 0x04.
func key(name string) (formats.Signer, string) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	must(err)
	signer, err := formats.NewSignerForCosignatureV1(skey)
	must(err)
	vkey, err = formats.VKeyToCosignatureV1(vkey)
	must(err)
	return signer, vkey
}

// silent keeps the witness from calling anybody.
type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("this witness calls nobody")
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
