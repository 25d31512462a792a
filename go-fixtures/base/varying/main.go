// Varying takes orders, each with values that are others in every run: times, UUIDs, temporary names, ports, processes.
//
//	POST /orders  stores one, and says where
package main

import (
	"crypto/rand"
	"flag"
	"fmt"
	"io/ioutil"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

var listen = flag.String("listen", "", "the `address` to serve on")

type order struct {
	Item      string
	CreatedAt time.Time
	Lines     []line
	Extra     interface{}
}

type line struct {
	ID  string
	Qty int
}

func main() {
	flag.Parse()
	http.HandleFunc("/orders", take)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func take(w http.ResponseWriter, request *http.Request) {
	made := &order{
		Item:      "tea",
		CreatedAt: time.Now(),
		Lines:     []line{{ID: newID(), Qty: 1}, {ID: newID(), Qty: 2}},
		Extra:     line{ID: newID(), Qty: 3},
	}
	insert(made)
	stamp("tea", time.Now().UTC().Format(time.RFC3339Nano), time.Now().UnixNano())
	folder, err := workspace()
	if err == nil {
		os.RemoveAll(folder)
	}
	announce(callback(), os.Getpid())
	w.WriteHeader(http.StatusCreated)
}

//go:noinline
func insert(o *order) int {
	return len(o.Lines)
}

//go:noinline
func stamp(item, at string, nanoseconds int64) {}

// newID is a UUID of random numbers.
//
//go:noinline
func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

//go:noinline
func workspace() (string, error) {
	return ioutil.TempDir("", "orders-")
}

// callback is the address of a port that was free.
//
//go:noinline
func callback() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

//go:noinline
func announce(address string, pid int) {}
