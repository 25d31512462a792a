// Checkout is a shop behind a login: sessions in cookies, a token in its forms, orders with random ids, and a service
// that takes payments.
//
//	GET  /login            a form with a token, and a cookie that goes with it
//	POST /login            user, csrf: a session; ?ads=1 sets a cookie of another host, too
//	GET  /home             who is logged in
//	POST /orders           an order, as JSON: {"item": "book", "qty": 2}
//	GET  /orders/ID        the order, as JSON
//	POST /orders/ID/pay    charges it, and tells the mailer as a form
//	POST /import?kb=100    sends so much to the service
//	GET  /page             no JSON
//
// What it was asked is written to the journal, a line a request.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	listen  = flag.String("listen", "", "the `address` to serve on")
	payment = flag.String("pay", "", "the `URL` of the service that takes payments")
	path    = flag.String("journal", "", "the `file` that tells what was asked")
)

var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Order is what somebody ordered.
type Order struct {
	ID    string   `json:"id"`
	User  string   `json:"user"`
	Item  string   `json:"item"`
	Qty   int      `json:"qty"`
	Paid  bool     `json:"paid"`
	Tags  []string `json:"tags"`
	Price *int     `json:"price"`
}

// state is all that the shop knows.
type state struct {
	lock     sync.Mutex
	tokens   map[string]string // by the cookie that goes with the form
	sessions map[string]string // users by session
	orders   map[string]*Order
	journal  io.Writer
}

var shop = &state{
	tokens:   map[string]string{},
	sessions: map[string]string{},
	orders:   map[string]*Order{},
	journal:  io.Discard,
}

func main() {
	flag.Parse()
	if *path != "" {
		file, err := os.OpenFile(*path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			log.Fatal(err)
		}
		shop.journal = file
	}
	http.HandleFunc("/login", login)
	http.HandleFunc("/home", home)
	http.HandleFunc("/orders", orders)
	http.HandleFunc("/orders/", one)
	http.HandleFunc("/import", load)
	http.HandleFunc("/page", page)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// note writes down what was asked, and by whom.
func note(request *http.Request, user string) {
	shop.lock.Lock()
	defer shop.lock.Unlock()
	fmt.Fprintf(shop.journal, "%s %s user=%s\n", request.Method, request.URL, user)
}

// random gives a text that no other run has.
func random(prefix string) string {
	bytes := make([]byte, 8)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return prefix + hex.EncodeToString(bytes)
}

// login shows the form, or begins a session.
func login(w http.ResponseWriter, request *http.Request) {
	note(request, "")
	if request.Method == http.MethodGet {
		form, token := random("form_"), random("csrf_")
		shop.lock.Lock()
		shop.tokens[form] = token
		shop.lock.Unlock()
		http.SetCookie(w, &http.Cookie{Name: "form", Value: form, Path: "/login"})
		fmt.Fprintf(w, "<form method=post>\n<input name=\"csrf\" value=\"%s\">\n</form>\n", token)
		return
	}
	form, err := request.Cookie("form")
	user := request.FormValue("user")
	if err != nil || !admit(user, form.Value, request.FormValue("csrf")) {
		http.Error(w, "the token is wrong", http.StatusForbidden)
		return
	}
	session := random("ses_")
	shop.lock.Lock()
	shop.sessions[session] = user
	shop.lock.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/", HttpOnly: true})
	if request.FormValue("ads") != "" {
		http.SetCookie(w, &http.Cookie{Name: "ads", Value: "1", Domain: "ads.example"})
	}
	http.Redirect(w, request, "/home", http.StatusSeeOther)
}

// admit tells whether the token is the form's.
func admit(user, form, token string) bool {
	shop.lock.Lock()
	defer shop.lock.Unlock()
	return user != "" && token != "" && shop.tokens[form] == token
}

// user tells whose session it is; nobody's without one.
func user(request *http.Request) string {
	session, err := request.Cookie("session")
	if err != nil {
		return ""
	}
	shop.lock.Lock()
	defer shop.lock.Unlock()
	return shop.sessions[session.Value]
}

func home(w http.ResponseWriter, request *http.Request) {
	name := user(request)
	note(request, name)
	if name == "" {
		http.Error(w, "log in first", http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, "hello %s\n", name)
}

func orders(w http.ResponseWriter, request *http.Request) {
	name := user(request)
	note(request, name)
	var order Order
	if err := json.NewDecoder(request.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if name == "" {
		http.Error(w, "log in first", http.StatusUnauthorized)
		return
	}
	order.User = name
	id := place(&order)
	w.Header().Set("Location", "/orders/"+id)
	reply(w, http.StatusCreated, order)
}

// place stores an order under an id of its own.
func place(order *Order) string {
	order.ID = random("ord_")
	order.Tags = []string{"new", order.Item}
	shop.lock.Lock()
	defer shop.lock.Unlock()
	shop.orders[order.ID] = order
	return order.ID
}

// find gives the order of that id, if there is one.
func find(id string) *Order {
	shop.lock.Lock()
	defer shop.lock.Unlock()
	return shop.orders[id]
}

func one(w http.ResponseWriter, request *http.Request) {
	note(request, user(request))
	id := strings.TrimPrefix(request.URL.Path, "/orders/")
	order := find(strings.TrimSuffix(id, "/pay"))
	if order == nil {
		http.NotFound(w, request)
		return
	}
	if strings.HasSuffix(id, "/pay") {
		if status := charge(order.ID, order.Qty*12); status != http.StatusCreated {
			http.Error(w, fmt.Sprintf("the payment failed: %d", status), http.StatusBadGateway)
			return
		}
		mail(order.User, order.Item)
		order.Paid = true
	}
	reply(w, http.StatusOK, order)
}

// charge has the service take the money.
func charge(id string, cents int) int {
	body, _ := json.Marshal(map[string]interface{}{
		"order":  id,
		"amount": cents,
		"lines":  []map[string]interface{}{{"cents": cents}},
		"secret": "card-4111",
	})
	return send("/v1/charges?try=1", "application/json", body)
}

// mail has the service tell the customer.
func mail(user, item string) int {
	form := url.Values{"to": {user}, "text": {"thanks for the " + item}}
	return send("/v1/mails", "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// send gives the status that the service answers with; 0 for none.
func send(to, kind string, body []byte) int {
	request, err := http.NewRequest(http.MethodPost, *payment+to, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", "Bearer key-1")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

func load(w http.ResponseWriter, request *http.Request) {
	note(request, user(request))
	kb, _ := strconv.Atoi(request.FormValue("kb"))
	send("/v1/import", "text/plain", append(bytes.Repeat([]byte("x"), kb<<10), "end"...))
}

func page(w http.ResponseWriter, request *http.Request) {
	note(request, user(request))
	fmt.Fprintln(w, "<h1>no JSON</h1>")
}

func reply(w http.ResponseWriter, status int, value interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Print(err)
	}
}
