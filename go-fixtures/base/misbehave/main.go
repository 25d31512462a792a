// Misbehave is a server that goes wrong in a way of your choice: by -mode as a process, by path as a server.
//
//	/healthz  ok
//	/hang     never answers
//	/panic    panics in the handler; net/http recovers
//	/crash    dereferences nil in another goroutine: the process dies with status 2
//	/exit     exits with status 4 in the handler
//	/crowd    starts 1000 goroutines that wait, then does as /crash
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

var (
	mode    = flag.String("mode", "serve", "what to do: "+strings.Join(modeNames(), ", "))
	listen  = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on; one in use ends the program with status 1")
	pidFile = flag.String("pidfile", "", "the `file` that the grandchild writes its process id to")
	lines   = flag.Int("lines", 100000, "how many lines noisy writes to each of its outputs")
)

// modes maps -mode to what main does.
var modes = map[string]func() error{
	"serve":       serve,
	"never-ready": sleep,
	"exit":        exit,
	"ignore-term": ignoreTerm,
	"grandchild":  grandchild,
	"daemon":      daemon,
	"noisy":       noisy,
}

// modeNames lists what -mode accepts; "daemon" is what grandchild starts.
func modeNames() []string {
	return []string{"serve", "never-ready", "exit", "ignore-term", "grandchild", "daemon", "noisy"}
}

func main() {
	flag.Parse()
	run, ok := modes[*mode]
	if !ok {
		log.Fatalf("-mode=%s is none of %s", *mode, strings.Join(modeNames(), ", "))
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// serve serves until it is killed.
func serve() error {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/hang", func(http.ResponseWriter, *http.Request) { select {} })
	http.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { go crash(nil); select {} })
	http.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { os.Exit(4) })
	http.HandleFunc("/crowd", crowd)
	return http.ListenAndServe(*listen, nil)
}

// crash dereferences a pointer that is nil.
func crash(status *int) {
	fmt.Println(*status)
}

// crowd has a crash written down with a thousand goroutines.
func crowd(http.ResponseWriter, *http.Request) {
	for i := 0; i < 1000; i++ {
		go func() { select {} }()
	}
	go crash(nil)
	select {}
}

// sleep listens nowhere, and waits to be killed.
func sleep() error {
	for {
		time.Sleep(time.Hour)
	}
}

// exit ends the program at once.
func exit() error {
	os.Exit(3)
	return nil
}

// ignoreTerm serves and can't be ended politely.
func ignoreTerm() error {
	signal.Ignore(syscall.SIGTERM)
	return serve()
}

// grandchild serves, and leaves a process in a session of its own.
func grandchild() error {
	command := exec.Command("/proc/self/exe", "-mode=daemon", "-pidfile="+*pidFile)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return err
	}
	return serve()
}

// daemon outlives whoever started it: it ignores all that can be ignored.
func daemon() error {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	if *pidFile != "" {
		if err := writePid(*pidFile); err != nil {
			return err
		}
	}
	return sleep()
}

// writePid writes our process id to a file that is there only when it is whole.
func writePid(path string) error {
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(file, os.Getpid()); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// noisy writes a lot, without a newline at the end, and serves.
func noisy() error {
	for _, out := range []io.Writer{os.Stdout, os.Stderr} {
		for n := 0; n < *lines; n++ {
			if _, err := fmt.Fprintf(out, "line %d of %d %s\n", n, *lines, strings.Repeat("x", 60)); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(out, "the end"); err != nil {
			return err
		}
	}
	return serve()
}
