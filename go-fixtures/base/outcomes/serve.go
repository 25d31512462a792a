package main

import (
	"fmt"
	"net/http"
	"os"

	"goproctor.test/base/outcomes/journal"
	"goproctor.test/base/outcomes/work"
)

// serve serves one case a request.
func serve(address string) error {
	handle := func(path string, body func(j)) {
		http.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			j := journal.New(path)
			body(j)
			fmt.Fprintln(w, "ok")
		})
	}
	handle("/returned", plain)
	handle("/recovered", func(j j) { guard(j, throw(j, "text"))() })
	handle("/blocked", func(j j) {
		entered := make(chan bool)
		go func() {
			j := journal.New("/blocked")
			guard(j, func() {
				id := j.Enter("Block")
				j.Leave(id, work.Block(id, j, entered))
			})()
		}()
		<-entered
		plain(j)
	})
	http.HandleFunc("/panicked", func(http.ResponseWriter, *http.Request) {
		j := journal.New("/panicked")
		defer j.Panicked()
		call(j, throw(j, "text"))()
	})
	http.HandleFunc("/aborted", func(http.ResponseWriter, *http.Request) {
		j := journal.New("/aborted")
		defer j.Panicked()
		call(j, func() { panic(http.ErrAbortHandler) })()
	})
	http.HandleFunc("/goexit", func(http.ResponseWriter, *http.Request) {
		j := journal.New("/goexit")
		defer j.Exited()
		call(j, exit(j))()
	})
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		journal.Write(*logFile, journal.Running)
		fmt.Fprintln(w, "written")
	})
	fmt.Fprintln(os.Stderr, "serving on", address)
	return http.ListenAndServe(address, nil)
}
