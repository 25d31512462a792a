// Parcels sends parcels: a request is planned in goroutines of its own, and parcels are packed by workers that all requests share.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
)

var listen = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")

// Job is a parcel to be packed.
type Job struct {
	ID     int
	Weight int
	To     Address
	Label  string
	done   chan *Parcel
}

// Address is where a parcel goes.
type Address struct {
	City string
	Zone int
}

// Parcel is one that was packed.
type Parcel struct {
	ID    int
	Price int
	Marks []string
	Error string
}

func main() {
	flag.Parse()
	pool := newPool(3)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/send", func(w http.ResponseWriter, r *http.Request) { handle(pool, w, r) })
	http.HandleFunc("/track", track)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// handle sends parcels of the weights that it is asked for.
func handle(pool *Pool, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	weights, err := weights(query.Get("weights"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	jobs := plan(weights, query.Get("city"))
	parcels := pool.pack(jobs)
	json.NewEncoder(w).Encode(summarize(parcels))
}

// weights reads numbers.
func weights(text string) ([]int, error) {
	var all []int
	for _, word := range strings.Split(text, ",") {
		weight, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("no weight: %q", word)
		}
		all = append(all, weight)
	}
	return all, nil
}

// Summary is the answer.
type Summary struct {
	Price  int
	Packed int
	Errors []string
}

// summarize adds parcels up.
func summarize(parcels []*Parcel) *Summary {
	summary := &Summary{Errors: []string{}}
	for _, parcel := range parcels {
		if parcel.Error != "" {
			summary.Errors = append(summary.Errors, parcel.Error)
			continue
		}
		summary.Packed++
		summary.Price += parcel.Price
	}
	report(summary)
	return summary
}

func report(summary *Summary) {}
