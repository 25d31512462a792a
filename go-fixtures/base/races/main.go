// Races has data races for the race detector to find: as a server where and when you ask for them, or, told no address,
// as a command that has one.
//
//	/none   has none
//	/race   has one before it answers
//	/later  has one when the server is asked to end
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

var listen = flag.String("listen", "", "the `address` to serve on")

// asked says whether the server has a race when it ends.
var asked int32

func main() {
	flag.Parse()
	if *listen == "" {
		fmt.Println(work(true))
		return
	}
	http.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, work(false)) })
	http.HandleFunc("/race", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, work(true)) })
	http.HandleFunc("/later", func(w http.ResponseWriter, _ *http.Request) {
		atomic.StoreInt32(&asked, 1)
		fmt.Fprintln(w, work(false))
	})
	go end()
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// end waits until the server is asked to end.
func end() {
	asking := make(chan os.Signal, 1)
	signal.Notify(asking, syscall.SIGTERM)
	<-asking
	work(atomic.LoadInt32(&asked) == 1)
	os.Exit(0)
}

// work counts to two, in two goroutines; with a race, neither waits for the other.
func work(racing bool) int {
	count := 0
	done := make(chan bool)
	for i := 0; i < 2; i++ {
		go func() {
			count++
			done <- true
		}()
		if !racing {
			<-done
		}
	}
	if racing {
		<-done
		<-done
	}
	return count
}
