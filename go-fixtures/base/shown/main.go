// Shown gives back errors that are others by their methods, and takes values that are shown as text.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

// UUID is shown as its digits.
type UUID [16]byte

// State is shown as its number, and may be written as one of its constants.
type State int8

// The states.
const (
	Lost State = iota - 1
	Pending
	Paid
)

// Mask has constants that no int64 holds.
type Mask uint64

// Most is the largest one.
const Most Mask = 1<<64 - 1

var errFull = errors.New("full")

// limit is errFull by its method.
type limit struct{ most int }

func (l limit) Error() string { return fmt.Sprintf("more than %d", l.most) }

func (limit) Is(target error) bool { return target == errFull }

func dialCanceled() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:1")
	return err
}

func dialLate() error {
	dialer := net.Dialer{Deadline: time.Now().Add(-time.Second)}
	_, err := dialer.Dial("tcp", "127.0.0.1:1")
	return err
}

func getLate(address string) error {
	client := http.Client{Timeout: 50 * time.Millisecond}
	_, err := client.Get("http://" + address)
	return err
}

func missing() error {
	_, err := os.Open("/nowhere")
	return err
}

func limited() error { return limit{5} }

func take(took time.Duration, at time.Time, day time.Weekday, id UUID, ip net.IP, to *net.TCPAddr, err error) {
	fmt.Println(took, at, day, id, ip, to, err)
}

func move(from, to State, mask Mask) bool { return from < to && mask > 0 }

func main() {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(
		errors.Is(dialCanceled(), context.Canceled),
		errors.Is(dialLate(), context.DeadlineExceeded),
		errors.Is(getLate(silent.Addr().String()), context.DeadlineExceeded),
		errors.Is(missing(), os.ErrNotExist),
		errors.Is(limited(), errFull),
	)
	at := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	id := UUID{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	fmt.Println(move(Lost, Paid, Most))
	take(1500*time.Millisecond, at, at.Weekday(), id, net.ParseIP("::1"), to, os.ErrNotExist)
}
