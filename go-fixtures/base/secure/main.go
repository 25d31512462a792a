// Command secure serves HTTP/1.1 and HTTP/2 over TLS with a certificate that it makes itself, or both without TLS. Each
// request is handled by several goroutines, one of which goes on after the response, and is written down with the calls
// that were made for it and by whom, a line of JSON a request.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"goproctor.test/base/goroutine"
)

// call is one call of a watched function, with the goroutine that made it.
type call struct {
	Function string `json:"function"`
	ID       string `json:"id"`
	Step     int    `json:"step"`
	Goid     uint64 `json:"goid"`
}

// record is what is written of a request.
type record struct {
	ID    string `json:"id"`
	Goid  uint64 `json:"goid"`
	Proto string `json:"proto"`
	Calls []call `json:"calls"`

	mutex sync.Mutex
}

func (r *record) note(function, id string, step int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.Calls = append(r.Calls, call{function, id, step, goroutine.ID()})
}

// journal takes the records of all requests.
type journal struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (j *journal) write(r *record) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := j.encoder.Encode(r); err != nil {
		fail("the journal", err)
	}
}

// lookup is called by the goroutine that handles the request.
//
//go:noinline
func lookup(r *record, id string, step int) string {
	r.note("lookup", id, step)
	return id + "." + strconv.Itoa(step)
}

// fetch is called by goroutines that the handler waits for.
//
//go:noinline
func fetch(r *record, id string, step int) string {
	r.note("fetch", id, step)
	runtime.Gosched()
	return id + "." + strconv.Itoa(step)
}

// store is called by a goroutine that one of those created.
//
//go:noinline
func store(r *record, id string, step int) string {
	r.note("store", id, step)
	return id + "." + strconv.Itoa(step)
}

// publish is called by a goroutine that goes on when the response is on its way.
//
//go:noinline
func publish(r *record, id string, step int) string {
	r.note("publish", id, step)
	return id + "." + strconv.Itoa(step)
}

// work makes all calls of a request but those that come after the response.
//
//go:noinline
func work(r *record) string {
	all := lookup(r, r.ID, 0)
	results := make(chan string)
	for step := 1; step <= 2; step++ {
		go func(step int) {
			stored := make(chan string)
			found := fetch(r, r.ID, step)
			go func() { stored <- store(r, r.ID, step) }()
			results <- found + " " + <-stored
		}(step)
	}
	all += " " + <-results
	all += " " + lookup(r, r.ID, 1)
	return all + " " + <-results
}

func (j *journal) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/ready" {
		return
	}
	// In a header too, so that requests can be alike but for it.
	id := request.URL.Query().Get("id") + request.Header.Get("Id")
	body, err := io.Copy(bytes.NewBuffer(nil), request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r := &record{ID: id, Goid: goroutine.ID(), Proto: request.Proto}
	answered := make(chan struct{})
	go func() {
		<-answered
		time.Sleep(time.Millisecond)
		publish(r, r.ID, 3)
		j.write(r)
	}()
	defer close(answered)
	fmt.Fprintf(w, "%s %d %s\n", request.Proto, body, work(r))
}

// certificate makes one for localhost that vouches for itself.
func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "secure"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key}, nil
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	log := flag.String("log", "", "the journal's file; the standard output without one")
	streams := flag.Bool("http2", true, "whether HTTP/2 is offered")
	secure := flag.Bool("tls", true, "whether all goes over TLS")
	flag.Parse()

	out := os.Stdout
	if *log != "" {
		file, err := os.Create(*log)
		if err != nil {
			fail("the journal", err)
		}
		out = file
	}
	server := &http.Server{Handler: &journal{encoder: json.NewEncoder(out)}}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		fail("listening", err)
	}
	if !*secure {
		if *streams {
			streamWithoutTLS(server)
		}
		fail("serving", server.Serve(listener))
	}
	own, err := certificate()
	if err != nil {
		fail("the certificate", err)
	}
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{own}}
	if !*streams {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	fail("serving", server.ServeTLS(listener, "", ""))
}
