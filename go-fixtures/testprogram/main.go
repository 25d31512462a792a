// Testprogram is a small web server: it tells visitors of a conference whether the conference's site is up.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"
)

var (
	listen = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")
	site   = flag.String("site", "http://127.0.0.1:8081", "the `URL` of the site to check")
)

// client opens a connection for each check, so that none is left idle between visitors.
var client = &http.Client{
	Timeout:   5 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

func main() {
	flag.Parse()
	http.HandleFunc("/healthz", healthz)
	http.HandleFunc("/", handler)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// healthz says that the server is ready.
func healthz(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

// handler answers a visitor who asks for a conference by name and year.
func handler(w http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	year, err := strconv.Atoi(query.Get("year"))
	if err != nil {
		http.Error(w, "year must be a number", http.StatusBadRequest)
		return
	}
	status := checkSite(*site)
	fmt.Fprintln(w, prepareAnswer(query.Get("name"), year, status))
}

// checkSite returns the status that the site answers with, 0 if it does not answer.
func checkSite(site string) int {
	status := make(chan int)
	go func() {
		response, err := client.Get(site)
		if err != nil {
			log.Print(err)
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	return <-status
}

// prepareAnswer writes the sentence that a visitor reads.
func prepareAnswer(name string, year int, status int) string {
	if status == 0 {
		return fmt.Sprintf("%s (%d): the site does not answer, status 0", name, year)
	}
	return fmt.Sprintf("%s (%d): the site answers with status %d", name, year, status)
}
