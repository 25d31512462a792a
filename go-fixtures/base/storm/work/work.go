// Package work holds the functions that write their own calls down, and nothing else: a glob over the package watches
// exactly what the log holds. The first argument of each is the run whose journal it writes.
package work

import (
	"runtime"
	"sync/atomic"

	"goproctor.test/base/journal"
)

const (
	act journal.Function = iota
	move
	cleanup
	deferring
	descend
	echo
	fall
	guard
	handle
	late
	loop
	mount
	pass
	peak
	ping
	pong
	quit
	repanic
	rescue
	rise
	spawn
	spin
	step
	tangle
	tick
	worker
)

const path = "goproctor.test/base/storm/work."

// Functions are the signatures of all functions here.
var Functions = []journal.Signature{
	act:       {Name: path + "(*Actor).Act", Arguments: "rsa", Results: "xy"},
	move:      {Name: path + "Point.Move", Arguments: "rab", Results: "x"},
	cleanup:   {Name: path + "Cleanup", Arguments: "rab"},
	deferring: {Name: path + "Deferring", Arguments: "rabs", Results: "xy"},
	descend:   {Name: path + "Descend", Arguments: "rabs", Results: "x"},
	echo:      {Name: path + "Echo", Arguments: "ras", Results: "y"},
	fall:      {Name: path + "Fall", Arguments: "rabs", Results: "x"},
	guard:     {Name: path + "Guard", Arguments: "rabs", Results: "xy"},
	handle:    {Name: path + "Handle", Arguments: "ras", Results: "xy"},
	late:      {Name: path + "Late", Arguments: "ra"},
	loop:      {Name: path + "Loop", Arguments: "rabs", Results: "xy"},
	mount:     {Name: path + "Mount", Arguments: "ra", Results: "x"},
	pass:      {Name: path + "Pass", Arguments: "ras", Results: "x"},
	peak:      {Name: path + "Peak", Arguments: "ra", Results: "x"},
	ping:      {Name: path + "Ping", Arguments: "rabs", Results: "x"},
	pong:      {Name: path + "Pong", Arguments: "rabs", Results: "xy"},
	quit:      {Name: path + "Quit", Arguments: "rabs", Results: "x"},
	repanic:   {Name: path + "Repanic", Arguments: "rab"},
	rescue:    {Name: path + "Rescue", Arguments: "rab"},
	rise:      {Name: path + "Rise", Arguments: "ra", Results: "x"},
	spawn:     {Name: path + "Spawn", Arguments: "ra"},
	spin:      {Name: path + "Spin", Arguments: "rab", Results: "x"},
	step:      {Name: path + "Step", Arguments: "rabs", Results: "xy"},
	tangle:    {Name: path + "Tangle", Arguments: "rabs", Results: "xy"},
	tick:      {Name: path + "Tick", Arguments: "r", Results: "x"},
	worker:    {Name: path + "Worker", Arguments: "ra"},
}

// Tick has no argument but the run.
func Tick(run int) int {
	j := journal.Of(run)
	call := j.Enter(tick, 0, 0, "")
	j.Leave(call, run+1, "")
	return run + 1
}

// Echo returns its text.
func Echo(run, a int, text string) string {
	j := journal.Of(run)
	call := j.Enter(echo, a, 0, text)
	j.Leave(call, 0, text)
	return text
}

// Step calls others on its way.
func Step(run, a, b int, text string) (int, string) {
	j := journal.Of(run)
	call := j.Enter(step, a, b, text)
	text = Echo(run, a+1, text)
	b += Tick(run)
	j.Leave(call, b, text)
	return b, text
}

// An Actor is a receiver behind a pointer.
type Actor struct {
	Run  int
	Name string
}

// Act is called through an interface, and through the wrapper that an embedded Actor gets.
func (actor *Actor) Act(a int) (int, string) {
	j := journal.Of(actor.Run)
	call := j.Enter(act, a, 0, actor.Name)
	text := Echo(actor.Run, a, actor.Name)
	j.Leave(call, a, text)
	return a, text
}

// A Point is a receiver that is a value.
type Point struct{ Run, Along int }

// Move is a method on a value.
func (point Point) Move(b int) int {
	j := journal.Of(point.Run)
	call := j.Enter(move, point.Along, b, "")
	j.Leave(call, point.Along+b, "")
	return point.Along + b
}

// Ping and Pong call each other b times.
func Ping(run, a, b int, text string) int {
	j := journal.Of(run)
	call := j.Enter(ping, a, b, text)
	below := 0
	if b > 0 {
		below, _ = Pong(run, a, b-1, text)
	}
	j.Leave(call, below+1, "")
	return below + 1
}

// Pong see Ping. Its frame is of another size, and it calls one more.
func Pong(run, a, b int, text string) (int, string) {
	j := journal.Of(run)
	call := j.Enter(pong, a, b, text)
	var weight [200]byte
	weight[b%len(weight)] = 1
	below := Tick(run) - run - 1
	if b > 0 {
		below += Ping(run, a, b-1, text)
	}
	below += int(weight[b%len(weight)])
	j.Leave(call, below, text)
	return below, text
}

// Descend calls itself b times in frames of 4 KiB. At the bottom, and where b is a multiple of a on the way back, memory is
// collected, which shrinks a stack of which most is unused; then it goes down again from there.
func Descend(run, a, b int, text string) int {
	j := journal.Of(run)
	call := j.Enter(descend, a, b, text)
	var weight [4096]byte
	weight[b%len(weight)] = 1
	below := 0
	if b > 0 {
		below = Descend(run, a, b-1, text)
	}
	if b == 0 || a > 0 && b%a == 0 {
		runtime.GC()
		runtime.Gosched()
		if b > 0 {
			below += Descend(run, 0, a/2, text)
		}
	}
	below += int(weight[b%len(weight)])
	j.Leave(call, below, "")
	return below
}

// turns is what Spin counts, so that its loop is not optimized away.
var turns uint64

// Spin goes round b times in a loop without a call: only a signal preempts it.
func Spin(run, a, b int) int {
	j := journal.Of(run)
	call := j.Enter(spin, a, b, "")
	value := a
	for i := 0; i < b; i++ {
		value = value*1664525 + 1013904223
	}
	atomic.AddUint64(&turns, uint64(value)&1)
	j.Leave(call, value, "")
	return value
}

// Pass is called with what came through a channel.
func Pass(run, a int, text string) int {
	j := journal.Of(run)
	call := j.Enter(pass, a, 0, text)
	j.Leave(call, a+len(text), "")
	return a + len(text)
}

// Late is called by a timer.
func Late(run, a int) {
	j := journal.Of(run)
	call := j.Enter(late, a, 0, "")
	Tick(run)
	j.Leave(call, 0, "")
}

// Handle does what its run is to do.
func Handle(run, a int, text string) (number int, back string) {
	j := journal.Of(run)
	call := j.Enter(handle, a, 0, text)
	defer j.Close(call, &number, &back)
	j.Body()
	j.Returning(call)
	return a + 1, text
}

// Worker is what a goroutine starts with.
func Worker(run, a int) {
	j := journal.Of(run)
	j.Here()
	defer j.Finish()
	call := j.Enter(worker, a, 0, "")
	number, text := 0, ""
	defer j.Close(call, &number, &text)
	j.Body()
	j.Returning(call)
}

// Spawn starts the goroutine of the run a.
func Spawn(run, a int) {
	j := journal.Of(run)
	call := j.Enter(spawn, a, 0, "")
	j.Child(a).Body = j.Bodies[a]
	go Worker(a, run)
	j.Leave(call, 0, "")
}
