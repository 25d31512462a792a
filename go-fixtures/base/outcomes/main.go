// Outcomes makes calls that end in every way there is, and writes down how each of them did. Without options it runs
// the cases one after the other; -end is a way to end the process in the midst of calls; -listen serves: GET /panicked and
// the like, and GET /account writes the log. Go 1.15 can't play all cases: it loses a recovery that Go 1.16 does not.
package main

import (
	"flag"
	"fmt"
	"io/ioutil"
	"log"
	"sort"
	"strings"

	"goproctor.test/base/outcomes/journal"
)

var (
	logFile = flag.String("log", "", "the `file` to write the account to")
	end     = flag.String("end", "", "how to end, or @ and a `file` that says how: "+strings.Join(names(), ", "))
	listen  = flag.String("listen", "", "the `address` to serve on")
)

func main() {
	flag.Parse()
	if *listen != "" {
		log.Fatal(serve(*listen))
	}
	if strings.HasPrefix(*end, "@") {
		text, err := ioutil.ReadFile((*end)[1:])
		if err != nil {
			log.Fatal(err)
		}
		*end = strings.TrimSpace(string(text))
	}
	if *end != "" {
		way, known := ends[*end]
		if !known {
			log.Fatalf("-end=%s is none of %s", *end, strings.Join(names(), ", "))
		}
		way()
		return
	}
	log.SetFlags(0)
	log.SetOutput(quiet{})
	for _, c := range cases() {
		journal.Go(c.name, c.body)
	}
	journal.Write(*logFile, journal.ProcessEnded)
	fmt.Println(len(cases()), "cases")
}

// names lists what -end accepts.
func names() []string {
	var names []string
	for name := range ends {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

type quiet struct{}

// Write forgets what package log writes.
func (quiet) Write(text []byte) (int, error) { return len(text), nil }
