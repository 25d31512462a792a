// Shop takes orders: it prices them with taxes that it asks a service for, stores them, and keeps a journal.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

var (
	listen = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")
	taxes  = flag.String("taxes", "http://127.0.0.1:8081", "the `URL` of the service of taxes")
)

// Item is a line of an order.
type Item struct {
	Name  string
	Cents int
	Count int
}

// Customer is who orders.
type Customer struct {
	Name    string
	Country string
	Member  bool
}

// Order is what a customer sends.
type Order struct {
	Customer Customer
	Items    []Item
	Notes    map[string]string
}

// Receipt is what a customer gets.
type Receipt struct {
	Number   int
	Net      int
	Discount int
	Tax      int
	Total    int
	Lines    []string
	Warnings []string
}

// Shop is the state that requests share.
type Shop struct {
	mu     sync.Mutex
	number int
	sold   int
	stock  map[string]int
}

// client opens a connection for each question, so that none is left idle.
var client = &http.Client{
	Timeout:   5 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

func main() {
	flag.Parse()
	shop := &Shop{stock: map[string]int{"tea": 40, "cup": 9, "pot": 2}}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) { handle(shop, w, r) })
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// handle answers an order.
func handle(shop *Shop, w http.ResponseWriter, r *http.Request) {
	order, err := decode(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	receipt, err := shop.place(order)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(receipt)
}

// decode reads an order and checks it.
func decode(r *http.Request) (*Order, error) {
	var order Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		return nil, fmt.Errorf("no order: %w", err)
	}
	if err := check(&order); err != nil {
		return nil, err
	}
	return &order, nil
}
