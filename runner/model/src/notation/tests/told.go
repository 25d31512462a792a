// Prints what Go itself says of the values that the tests of well-known types and errors build by hand.
// `go run told.go` of Go 1.20.14, 1.24.13 and 1.27.3 printed the strings that stand in wellknown.rs and errors.rs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func main() {
	refused := &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5}
	to := &net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 80, Zone: "eth0"}
	op := &net.OpError{Op: "dial", Net: "tcp", Source: from, Addr: to, Err: refused}
	missing := &fs.PathError{Op: "open", Path: "/nowhere", Err: syscall.ENOENT}
	_, parsing := time.Parse("2006-01-02", "monday")
	_, day := time.Parse("2006-01-02", "2020-02-31")
	for _, err := range []error{
		missing,
		&os.LinkError{Op: "link", Old: "a", New: "b", Err: syscall.EEXIST},
		refused,
		op,
		&net.OpError{Op: "listen", Net: "tcp", Addr: from, Err: errors.New("x")},
		&net.DNSError{Err: "no such host", Name: "a.test", Server: "1.1.1.1:53"},
		&net.DNSError{Err: "no such host", Name: "a.test"},
		&net.AddrError{Err: "missing port in address", Addr: "a"},
		&net.AddrError{Err: "missing port in address"},
		&net.ParseError{Type: "CIDR address", Text: "x"},
		net.UnknownNetworkError("udx"),
		&url.Error{Op: "Get", URL: "http://a/\"b\"", Err: op},
		url.EscapeError("%zz"),
		&strconv.NumError{Func: "Atoi", Num: "1\x002", Err: strconv.ErrSyntax},
		&exec.Error{Name: "nothing", Err: exec.ErrNotFound},
		errors.Join(errors.New("a"), missing),
		context.DeadlineExceeded,
		os.ErrDeadlineExceeded,
		parsing,
		day,
		fmt.Errorf("load: %w", missing),
	} {
		fmt.Printf("%T\t%q\n", err, err.Error())
	}
	for _, nanoseconds := range []time.Duration{0, 1, 1100, 2200000, 3300 * time.Millisecond, 4*time.Minute + 5*time.Second + time.Millisecond, 5*time.Hour + time.Second, -1500 * time.Millisecond, 1<<63 - 1, -1 << 63} {
		fmt.Println(int64(nanoseconds), nanoseconds)
	}
	for _, moment := range []time.Time{
		time.Date(2020, 2, 29, 12, 30, 15, 120, time.UTC),
		time.Date(1884, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC),
		time.Date(2100, 3, 1, 0, 0, 0, 0, time.UTC),
		time.Unix(-1, 0).UTC(),
	} {
		fmt.Println(moment.Unix()+62135596800, moment.Nanosecond(), moment.Format(time.RFC3339Nano))
	}
	_, mask, _ := net.ParseCIDR("10.1.2.3/20")
	_, mask6, _ := net.ParseCIDR("2001:db8::/33")
	fmt.Println(net.IPv4(1, 2, 3, 4), net.ParseIP("2001:db8::1:0:0:1"), net.IP{1, 2, 3, 4}, mask, mask6)
	fmt.Println(netip.MustParseAddr("1.2.3.4"), netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("::ffff:1.2.3.4"))
	number, _ := new(big.Int).SetString("-340282366920938463463374607431768211456000000001", 10)
	fmt.Println(number, number.Bits(), big.NewRat(-3, 4))
	for _, text := range []string{"https://u:p@a.test:80/a%20b/c?x=1&y#f", "mailto:a@b.c", "/a/b?", "//h", "/a%2fb/ü"} {
		parsed, _ := url.Parse(text)
		fmt.Printf("%+v\t%s\n", *parsed, parsed.Redacted())
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), "id", "x"))
	defer cancel()
	fmt.Println(ctx)
	for _, number := range []syscall.Errno{0, 1, 2, 11, 41, 104, 111, 133, 134} {
		fmt.Println(uint(number), number)
	}
	var syntax *json.SyntaxError
	fmt.Println(errors.As(json.Unmarshal([]byte("{"), new(int)), &syntax), syntax)
}
