// Lines is an HTTP server without net/http: it reads lines from connections, and answers each request from a goroutine
// of its own.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"strings"
)

var listen = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		address := conn.RemoteAddr().(*net.TCPAddr)
		go attend(&client{conn: conn, remote: address.String(), port: uint16(address.Port)})
	}
}

// A client is a connection and who is at its other end.
type client struct {
	conn   net.Conn
	remote string
	port   uint16
}

// attend serves the requests of a connection, one after the other.
func attend(c *client) {
	defer c.conn.Close()
	reader := bufio.NewReader(c.conn)
	for {
		target := ""
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimRight(line, "\r\n")
			if target == "" {
				// GET /path HTTP/1.1
				words := strings.Fields(line)
				if len(words) < 2 {
					return
				}
				target = words[1]
			}
			if line == "" {
				break
			}
		}
		body := serve(c, target)
		fmt.Fprintf(c.conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
}

// serve answers one request.
func serve(c *client, target string) string {
	answer := make(chan string)
	go func() { answer <- shout(target) }()
	return <-answer
}

func shout(text string) string { return strings.ToUpper(text) }
