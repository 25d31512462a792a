// Till sells things and says of each what it took for it: as a command, or as a server that closes its books when a signal
// ends it.
//
//	till pen=3 book=12   sells these, or what the lines of its standard input say, and prints the total; a price that is
//	                     no number is said on standard error, and the status is 2
//	till -chatty=5000    prints so many lines more
//	till -listen=ADDR    serves: POST /sell?item=pen&price=3, GET /books (the ledger that was there at the start)
//
// A server ends on TERM and INT: it takes the stock first, which takes -closing. It ignores HUP. -exit is its status then.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io/ioutil"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	listen  = flag.String("listen", "", "the `address` to serve on")
	config  = flag.String("config", "", "the `file` that has the address in its first line, and a greeting in its second")
	ledger  = flag.String("ledger", "", "the `file` with what was sold before")
	chatty  = flag.Int("chatty", 0, "how many `lines` more a command prints")
	exit    = flag.Int("exit", 0, "the `status` that a server ends with")
	closing = flag.Duration("closing", 0, "how `long` it takes to close")
)

var greeting = "hello"

func main() {
	flag.Parse()
	if *config != "" {
		text, err := ioutil.ReadFile(*config)
		if err != nil {
			fmt.Fprintln(os.Stderr, "till:", err)
			os.Exit(3)
		}
		lines := strings.Split(string(text), "\n")
		*listen, greeting = lines[0], lines[1]
	}
	if *listen != "" {
		serve()
		return
	}
	os.Exit(command(flag.Args()))
}

// command sells what it is told, and prints the total.
func command(wares []string) int {
	if len(wares) == 0 {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			wares = append(wares, lines.Text())
		}
	}
	total := 0
	for _, ware := range wares {
		parts := strings.SplitN(ware, "=", 2)
		price, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil {
			fmt.Fprintf(os.Stderr, "till: no price: %q\n", ware)
			return 2
		}
		total += sell(parts[0], price)
	}
	for n := 0; n < *chatty; n++ {
		fmt.Println("a line of no interest", n, strings.Repeat("-", 60))
	}
	fmt.Println("total", total)
	return 0
}

// serve sells until a signal comes.
func serve() {
	http.HandleFunc("/sell", func(w http.ResponseWriter, r *http.Request) {
		price, _ := strconv.Atoi(r.FormValue("price"))
		fmt.Fprintln(w, greeting, sell(r.FormValue("item"), price))
	})
	http.HandleFunc("/books", books)
	server := &http.Server{Addr: *listen}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	closed := make(chan bool)
	go func() {
		reason := <-signals
		closeBooks(reason.String())
		server.Shutdown(context.Background())
		closed <- true
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, "till:", err)
		os.Exit(3)
	}
	<-closed
	os.Exit(*exit)
}

// sell takes the price of a thing, and says so.
func sell(item string, price int) int {
	fmt.Println("sold", item, price)
	return price
}

// books answers with the ledger, and where the till stands.
func books(w http.ResponseWriter, _ *http.Request) {
	text, err := ioutil.ReadFile(*ledger)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	folder, _ := os.Getwd()
	fmt.Fprintf(w, "%sin %s\n", text, folder)
}

// closeBooks takes the stock.
func closeBooks(reason string) {
	time.Sleep(*closing)
	fmt.Println("closed:", reason)
}
