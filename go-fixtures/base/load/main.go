// Command load sends one request to a server again and again, from several clients that keep their connections, and says
// what a request takes, and of its own processor time.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/ioutil"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	url := flag.String("url", "", "what is asked for")
	contains := flag.String("contains", "", "what each answer must have in it")
	requests := flag.Int64("requests", 1000, "how many requests are sent")
	clients := flag.Int("clients", 4, "how many are sent at a time")
	flag.Parse()

	transport := &http.Transport{MaxIdleConnsPerHost: *clients}
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var sent int64
	var all sync.WaitGroup
	begin := time.Now()
	for i := 0; i < *clients; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for atomic.AddInt64(&sent, 1) <= *requests {
				if err := ask(client, *url, []byte(*contains)); err != nil {
					fmt.Fprintln(os.Stderr, "load:", err)
					os.Exit(1)
				}
			}
		}()
	}
	all.Wait()
	fmt.Println("wall", time.Since(begin).Nanoseconds() / *requests)
	fmt.Println("cpu", cpu().Nanoseconds() / *requests)
}

// cpu is the time that the process has run on any processor.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func ask(client *http.Client, url string, contains []byte) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := ioutil.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || !bytes.Contains(body, contains) {
		return fmt.Errorf("%s: %s: %s", url, response.Status, body)
	}
	return nil
}
