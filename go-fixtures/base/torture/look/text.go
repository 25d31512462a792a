// Package look takes tracebacks of all kinds, and says which of them are broken.
package look

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync/atomic"

	"goproctor.test/base/torture/tally"
)

// Work is what stands before the names of the watched functions.
const Work = "goproctor.test/base/torture/work."

// Caller is what stands before the names of the functions that call them, and nothing that is not the program's or in own.
const Caller = "goproctor.test/base/torture/drive.(*Worker)."

// own are the beginnings of the names of what a caller may call besides.
var own = []string{"goproctor.test/", "main.", "reflect.", "runtime.", "sync.", "sync/", "time."}

// broken are the runtime's complaints about a stack that it can't walk.
var broken = []string{
	"unexpected return pc", "unknown pc", "unknown caller pc", "unexpected fault", "did not unwind completely", "traceback stuck",
	"traceback has leftover", "invalid pc-encoded table", "invalid spdelta", "invalid runtime symbol table", "runtime: ",
	"fatal error", "bad pointer", "(bad)", "no module data", "corrupt",
}

var taken, elsewhere int64

// Taken is how many tracebacks were looked at.
func Taken() int64 { return atomic.LoadInt64(&taken) }

// Elsewhere is how many goroutines were met in a function that their own functions do not call.
func Elsewhere() int64 { return atomic.LoadInt64(&elsewhere) }

// strays says whether a function that stands in a stack above a caller is not called by it.
func strays(function, caller string) bool {
	// Some of the runtime's functions in assembly have no package.
	if !strings.HasPrefix(caller, Caller) || !strings.Contains(function, ".") {
		return false
	}
	for _, begin := range own {
		if strings.HasPrefix(function, begin) {
			return false
		}
	}
	return true
}

// text looks at the text of one goroutine's stack or of many.
func text(text, kind string) {
	atomic.AddInt64(&taken, 1)
	for _, sign := range broken {
		if strings.Contains(text, sign) {
			tally.Wrong("%s: %q in\n%s", kind, sign, text)
			return
		}
	}
	for _, stack := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		one(stack, kind)
	}
}

// one looks at the text of one goroutine's stack.
func one(stack, kind string) {
	lines := strings.Split(stack, "\n")
	var functions []string
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "\t") {
			functions = append(functions, line)
		}
	}
	if !strings.HasPrefix(lines[0], "goroutine ") || len(functions) == 0 {
		tally.Wrong("%s: this is no stack:\n%s", kind, stack)
		return
	}
	if !begins(functions[len(functions)-1]) {
		tally.Wrong("%s: the stack has no begin:\n%s", kind, stack)
	}
	if len(functions) > 1 && strays(functions[0], functions[1]) {
		atomic.AddInt64(&elsewhere, 1)
	}
}

// Begins are the beginnings of what a stack may begin with. How the runtime calls finalizers it shows at times; it starts their
// goroutine itself.
var Begins = []string{
	"created by ", "main.main()", "goproctor.test/base/torture/drive.finalize(", "runtime.runFinalizers(", "runtime.goexit(",
}

func begins(function string) bool {
	for _, begin := range Begins {
		if strings.HasPrefix(function, begin) {
			return true
		}
	}
	return false
}

// All looks at the stacks of all goroutines, in a buffer that is given back for the next time.
func All(buffer []byte) []byte {
	for {
		if length := runtime.Stack(buffer, true); length < len(buffer) {
			text(string(buffer[:length]), "runtime.Stack")
			return buffer
		}
		buffer = make([]byte, 2*len(buffer)+1<<20)
	}
}

// Profile looks at the stacks of all goroutines, as a profile has them.
func Profile() {
	var buffer bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buffer, 2); err != nil {
		tally.Wrong("the goroutine profile: %v", err)
	}
	// One of 64 MiB would be cut; there are not so many goroutines.
	text(buffer.String(), "the goroutine profile")
}

// Own looks at the goroutine's own stack, which must have so many frames of a watched function.
//
//go:noinline
func Own(function string, frames int) {
	stack := string(debug.Stack())
	text(stack, "debug.Stack")
	if count := strings.Count(stack, "\n"+Work+function+"("); count != frames {
		tally.Wrong("debug.Stack: %d frames of %s, not %d:\n%s", count, function, frames, stack)
	}
	Callers(function, frames)
}

// Callers asks for the goroutine's own frames.
//
//go:noinline
func Callers(function string, frames int) {
	atomic.AddInt64(&taken, 1)
	addresses := make([]uintptr, 400)
	addresses = addresses[:runtime.Callers(1, addresses)]
	walk := runtime.CallersFrames(addresses)
	var names []string
	count := 0
	for more := true; more; {
		var frame runtime.Frame
		frame, more = walk.Next()
		names = append(names, frame.Function)
		if frame.Function == Work+function {
			count++
		}
	}
	if count != frames || names[len(names)-1] != "runtime.goexit" {
		tally.Wrong("runtime.Callers: %d frames of %s, not %d:\n%s", count, function, frames, strings.Join(names, "\n"))
	}
}
