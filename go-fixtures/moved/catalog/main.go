// Catalog shows items, and how their addresses are made.
//
//	GET /items/7      shows an item
//	GET /items/{id}   explains the address, braces and all
//
// From Go 1.22 on, braces in a pattern stand for any segment: httpmuxgo121.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
)

var listen = flag.String("listen", "", "the `address` to serve on")

func main() {
	flag.Parse()
	http.HandleFunc("/items/", show)
	http.HandleFunc("/items/{id}", explain)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func show(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, find(strings.TrimPrefix(r.URL.Path, "/items/")))
}

// explain shows how an address is made.
func explain(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "write the item's number for {id}")
}

// find looks an item up.
func find(id string) string {
	return "item " + id
}
