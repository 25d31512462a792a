// Command secrets is a server that is told secrets and hands them around in every way that a tracer could see: in
// strings, structs, arrays, maps, headers, errors and in its log.
//
// A password is in what is named so, a token in what has such a type, and a bearer's credentials in text.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/ioutil"
	"log"
	"net/http"
	"os"
	"strings"
)

// Secret is a token as text.
type Secret string

// Key is a token as bytes.
type Key []byte

// Pin is small enough for registers.
type Pin struct {
	ID       int
	Password uint64
}

// Login holds secrets inline and behind pointers.
type Login struct {
	User     string
	Password string
	Digest   struct{ Password [32]byte }
	Pin      Pin
	Token    Secret
	Key      Key
	Next     *Login
}

//go:noinline
func byString(password string, length int) int { return len(password) + length }

//go:noinline
func byStruct(login Login) int { return len(login.Password) }

//go:noinline
func byPointer(login *Login) Login { return *login }

//go:noinline
func byRegisters(pin Pin, factor int) bool { return int(pin.Password)*factor > pin.ID }

//go:noinline
func byType(token Secret, key Key) (Secret, Key) { return token, key }

//go:noinline
func byInterface(value interface{}) interface{} { return value }

//go:noinline
func byMap(headers map[string]string, tokens map[string]Secret, keys map[Secret]int, logins map[string]Login) int {
	return len(headers) + len(tokens) + len(keys) + len(logins)
}

//go:noinline
func bySlice(tokens []Secret, logins []Login, lines []string) int {
	return len(tokens) + len(logins) + len(lines)
}

//go:noinline
func byHeader(header http.Header) string { return header.Get("Authorization") }

//go:noinline
func byRequest(r *http.Request) *http.Request { return r }

//go:noinline
func byError(err error) error { return fmt.Errorf("refused: %w", err) }

//go:noinline
func byText(text string, bytes []byte) string { return text + string(bytes) }

//go:noinline
func byCut(text string) int { return len(text) }

//go:noinline
func byClosure(call func() int) int { return call() }

//go:noinline
func byParts(part string, rest string) int { return len(part) + len(rest) }

type server struct{ password, token, bearer string }

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	login := Login{User: "gopher", Password: s.password, Token: Secret(s.token), Key: Key(s.token)}
	copy(login.Digest.Password[:], s.password)
	login.Pin.Password = binary.LittleEndian.Uint64([]byte(s.password))
	next := login
	login.Next = &next
	token, key := byType(login.Token, login.Key)
	sum := byString(s.password, 1) + byStruct(login) + len(byPointer(&login).User)
	if byRegisters(login.Pin, 2) {
		sum++
	}
	header := http.Header{"Authorization": {s.bearer}}
	for _, value := range []interface{}{login, &login, login.Pin, token, key, s.bearer, header, []Secret{token}} {
		if byInterface(value) == nil {
			sum++
		}
	}
	sum += byMap(map[string]string{"authorization": s.bearer}, map[string]Secret{"token": token},
		map[Secret]int{token: 1}, map[string]Login{"gopher": login})
	sum += bySlice([]Secret{token, token}, []Login{login, login}, []string{"one", s.bearer})
	r.Header.Set("Authorization", s.bearer)
	sum += len(byHeader(r.Header)) + len(byRequest(r).Header)
	if err := byError(errors.New("no such token: " + s.bearer)); err != nil {
		log.Print(err)
		sum++
	}
	line := "GET / HTTP/1.1\r\nAuthorization: " + s.bearer + "\r\n\r\n"
	sum += len(byText(line, []byte("again "+s.bearer+"."))) + byCut(line)
	bearer := s.bearer
	sum += byClosure(func() int { return len(token) + len(login.Password) + len(bearer) })
	sum += byParts(s.bearer[:20], s.bearer[20:])
	w.Header().Set("Authorization", s.bearer)
	fmt.Fprintln(w, "told", s.bearer, sum != 0)
}

func (s *server) die(_ http.ResponseWriter, r *http.Request) {
	r.Header.Set("Authorization", s.bearer)
	byHeader(r.Header)
	fmt.Println("the last request was of", s.bearer)
	log.Fatalf("no more of this: %s", s.bearer)
}

func main() {
	file, err := ioutil.ReadFile(os.Getenv("SECRETS"))
	if err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(string(file), "\n")
	s := &server{password: lines[0], token: lines[1], bearer: "Bearer " + os.Getenv("BEARER")}
	log.Printf("listening with %s", s.bearer)
	http.HandleFunc("/", s.handle)
	http.HandleFunc("/die", s.die)
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil))
}
