package main

import (
	"log"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"goproctor.test/base/outcomes/journal"
	"goproctor.test/base/outcomes/work"
)

// ends are the ways in which the process ends while calls are open.
var ends map[string]func()

func init() {
	ends = map[string]func(){
		"return":            func() { started(); write() },
		"exit":              func() { started(); play(func(j j) { call(j, func() { write(); os.Exit(0) })() }) },
		"exit-in-defer":     func() { play(func(j j) { clean(j, fine, func() { write(); os.Exit(0) })() }) },
		"exit-in-panic":     func() { play(func(j j) { clean(j, throw(j, "text"), func() { write(); os.Exit(0) })() }) },
		"exit-in-recovery":  exitInRecovery,
		"exit-in-goexit":    func() { play(func(j j) { clean(j, exit(j), func() { write(); os.Exit(0) })() }) },
		"fatal":             func() { started(); play(func(j j) { guard(j, func() { write(); log.Fatal("fatal") })() }) },
		"panic":             func() { started(); crash(func(j j) { call(j, throw(j, "text"))() }) },
		"nil-pointer":       func() { crash(func(j j) { call(j, throw(j, "nil pointer"))() }) },
		"panic-elsewhere":   func() { started(); go crash(func(j j) { call(j, throw(j, "text"))() }); select {} },
		"panic-again":       func() { crash(func(j j) { with(j, "Again", work.Again, throw(j, "text"))() }) },
		"panic-in-panic":    func() { crash(func(j j) { clean(j, throw(j, "text"), throw(j, "error"))() }) },
		"panic-in-goexit":   func() { go crash(func(j j) { clean(j, exit(j), throw(j, "text"))() }); select {} },
		"panic-after":       func() { crash(func(j j) { guard(j, throw(j, "text"))(); call(j, throw(j, "text"))() }) },
		"fatal-error":       func() { started(); play(func(j j) { guard(j, func() { write(); new(sync.Mutex).Unlock() })() }) },
		"stack-overflow":    func() { play(func(j j) { guard(j, func() { write(); overflow(1) })() }) },
		"kill":              func() { started(); play(func(j j) { call(j, func() { signal(syscall.SIGKILL) })() }) },
		"terminate":         func() { started(); play(func(j j) { call(j, func() { signal(syscall.SIGTERM) })() }) },
		"abort":             func() { started(); play(func(j j) { call(j, func() { signal(syscall.SIGABRT) })() }) },
		"goexit-of-main":    goexitOfMain,
		"exit-of-goroutine": func() { started(); go play(func(j j) { call(j, func() { write(); os.Exit(3) })() }); select {} },
	}
}

// play runs a scene in this goroutine.
func play(body func(j)) {
	body(journal.New(*end))
}

// crash runs a scene that ends in a panic which nobody recovers.
func crash(body func(j)) {
	j := journal.New(*end)
	defer j.Crash(*logFile)
	body(j)
}

// write writes the account; what is open ends with the process.
func write() {
	journal.Write(*logFile, journal.ProcessEnded)
}

// started starts goroutines whose calls do not end.
func started() {
	entered := make(chan bool)
	for n := 0; n < 3; n++ {
		n := n
		go play(func(j j) {
			guard(j, climb(j, n, func() {
				id := j.Enter("Block")
				j.Leave(id, work.Block(id, j, entered))
			}))()
		})
		<-entered
	}
}

func exitInRecovery() {
	play(func(j j) {
		call(j, func() {
			defer func() {
				recover()
				write()
				os.Exit(0)
			}()
			call(j, throw(j, "text"))()
		})()
	})
}

// overflow never returns: the stack grows until the runtime gives up.
func overflow(n int) int {
	if n == 0 {
		return 0
	}
	return overflow(n+1) + 1
}

func signal(number syscall.Signal) {
	write()
	if err := syscall.Kill(syscall.Getpid(), number); err != nil {
		log.Print(err)
	}
	time.Sleep(time.Hour)
}

// goexitOfMain ends the main goroutine; another one ends the process.
func goexitOfMain() {
	started()
	ended := make(chan bool)
	go func() {
		<-ended
		runtime.Gosched()
		play(func(j j) { call(j, func() { write(); os.Exit(0) })() })
	}()
	defer close(ended)
	j := journal.New(*end)
	defer j.Exited()
	call(j, exit(j))()
}
