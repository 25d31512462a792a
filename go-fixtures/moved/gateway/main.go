// Gateway tells which host it would send a request to.
//
//	GET /host?url=http://::1/a     asks for one
//	GET /hosts?url=…&url=…         asks for many, of which it skips those that it can't parse
//	GET /drop                      breaks off, as code did that wanted no words about it
//
// Before Go 1.26, net/url takes colons in a host without brackets: urlstrictcolons. Before Go 1.21, recover
// gives nil for panic(nil): panicnil.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
)

var listen = flag.String("listen", "", "the `address` to serve on")

func main() {
	flag.Parse()
	http.HandleFunc("/host", one)
	http.HandleFunc("/hosts", many)
	http.HandleFunc("/drop", drop)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func one(w http.ResponseWriter, r *http.Request) {
	host, err := target(r.FormValue("url"))
	if err != nil {
		refuse(w, err)
		return
	}
	fmt.Fprintln(w, host)
}

func many(w http.ResponseWriter, r *http.Request) {
	for _, raw := range r.URL.Query()["url"] {
		fmt.Fprintln(w, hostOf(raw))
	}
}

// target is where a request goes.
func target(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}

// hostOf does not care.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "?"
	}
	return u.Host
}

// refuse answers what can't be sent anywhere.
func refuse(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func drop(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if reason := recover(); reason != nil {
			refuse(w, reason.(error))
		}
	}()
	breakOff(nil)
}

func breakOff(reason error) {
	panic(reason)
}
