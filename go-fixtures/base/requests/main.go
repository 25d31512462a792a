// Command requests calls one function with an *http.Request many times, and says what a call takes.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"time"
)

//go:noinline
func next(n int) int { return n + 1 }

// watched is what probes are set on. It calls another function, so that it has a frame as most functions have.
//
//go:noinline
func watched(r *http.Request) int { return next(len(r.Method)) + next(len(r.Header)) }

// scalar is its measure: the same with two ints.
//
//go:noinline
func scalar(a, b int) int { return next(a) + next(b) }

// realistic is a request as a browser makes it, and as net/http hands it to a handler.
func realistic() *http.Request {
	body := strings.NewReader("item=book&qty=2")
	r := httptest.NewRequest("POST", "http://shop.example/orders/17?sort=price&page=2&tag=new&tag=sale", body)
	r.RemoteAddr = "127.0.0.1:50123"
	for name, value := range map[string]string{
		"Accept":          "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"Accept-Encoding": "gzip, deflate, br",
		"Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
		"Content-Type":    "application/x-www-form-urlencoded",
		"Cookie":          "session=0123456789abcdef0123456789abcdef; theme=dark",
		"Referer":         "http://shop.example/items?page=1",
		"User-Agent":      "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"X-Forwarded-For": "192.0.2.17, 198.51.100.4",
		"X-Request-Id":    "6f1c2a4e-8f7b-4a53-9a52-9c1d0a0a4d11",
	} {
		r.Header.Set(name, value)
	}
	ctx := context.WithValue(context.Background(), http.ServerContextKey, &http.Server{Addr: "127.0.0.1:8080"})
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	ctx, cancel := context.WithCancel(ctx)
	_ = cancel
	return r.WithContext(ctx)
}

// cpu is the time that the process has run on any processor.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fmt.Fprintln(os.Stderr, "getrusage:", err)
		os.Exit(1)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func main() {
	calls := flag.Int("calls", 200000, "how often to call")
	rate := flag.Int("rate", 0, "how often a second; 0 for as often as can be")
	scalars := flag.Bool("scalar", false, "call the function with two ints instead")
	wait := flag.Bool("wait", false, "wait for a line on the standard input first")
	flag.Parse()
	if *wait {
		if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
			fmt.Fprintln(os.Stderr, "wait:", err)
			os.Exit(1)
		}
	}
	r := realistic()
	sum := 0
	// A millisecond's at a time, at least twenty: a sleep is not as short as the time between two calls.
	batch := 20
	if *rate > 20000 {
		batch = *rate / 1000
	}
	begin, before := time.Now(), cpu()
	for i := 0; i < *calls; i++ {
		if *rate > 0 && i%batch == 0 {
			due := begin.Add(time.Duration(i) * time.Second / time.Duration(*rate))
			time.Sleep(time.Until(due))
		}
		if *scalars {
			sum += scalar(i, 2020)
		} else {
			sum += watched(r)
		}
	}
	wall, busy := time.Since(begin), cpu()-before
	each := func(all time.Duration) float64 { return float64(all.Nanoseconds()) / float64(*calls) }
	fmt.Printf("sum %d\nwall %.1f\ncpu %.1f\n", sum, each(wall), each(busy))
}
