// Values calls functions over what newer releases of Go brought, and writes down by its own reflection what each call
// was given and gave back.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log"
	"time"
	"unique"
	"weak"

	"goproctor.test/base/values/account"
	"goproctor.test/modern/values/kinds"
)

var file = flag.String("log", "", "the `file` to write the calls to, instead of the standard output")

// in is the package of the functions.
const in = "goproctor.test/modern/values/kinds."

func main() {
	flag.Parse()
	a, err := account.Open(*file)
	if err != nil {
		log.Fatal(err)
	}
	aliases(a)
	library(a)
	closures(a)
	a.Call(kinds.Clear, map[int]string{1: "one", 2: "two"}, []int{1, 2, 3})
	a.Call(kinds.Clear, nil, nil)
	a.Call(kinds.Smallest, 3, -1, 2)
	a.Call(kinds.ToArray, []int16{1, -2, 3})
	a.CallNamed(in+"Comparable", kinds.Comparable[any], any("key"), map[any]int{"key": 1, 2: 2})
	a.CallNamed(in+"Comparable", kinds.Comparable[error], io.EOF, map[error]int{io.EOF: 3})
	a.CallNamed(in+"(*Node).Insert", (*kinds.Node[kinds.Age]).Insert, &kinds.Node[kinds.Age]{Value: 2}, kinds.Age(3))
	a.CallNamed(in+"(*Node).Insert", (*kinds.Node[kinds.Age]).Insert, nil, kinds.Age(4))
	if err := a.Close(); err != nil {
		log.Fatal(err)
	}
}

func aliases(a *account.Account) {
	a.Call(kinds.Scale, kinds.Vector[int]{1, 2}, 3)
	a.Call(kinds.Scale, nil, 1)
	a.Call(kinds.Merge, kinds.Table[bool]{"yes": true}, "yes")
}

func library(a *account.Account) {
	a.Call(kinds.Weak, weak.Pointer[int]{})
	a.Call(kinds.Handle, unique.Make("unique"))
	counters := new(kinds.Counters)
	counters.Hits.Store(7)
	counters.Ready.Store(true)
	counters.Last.Store(new("last"))
	counters.Any.Store(1.5)
	a.Call(kinds.Count, counters)
	a.Call(kinds.Join, io.EOF, errors.New("second"))
	a.Call(kinds.Join, nil, nil)
	a.Call(kinds.Join, fmt.Errorf("%w and %w", io.EOF, io.ErrUnexpectedEOF), nil)
	a.Call(kinds.Wait, time.Minute, time.Date(2026, time.March, 4, 5, 6, 7, 8, time.UTC))
}

func closures(a *account.Account) {
	a.Call(kinds.Sequence, nil, nil)
	a.Call(kinds.Sequence, iter.Seq[int](numbers), nil)
	a.Closures(in+"Loop.func1", account.Captured{"i": account.Value(0)})
	a.Call(kinds.Loop, 1)
	all := []string{"a", "b"}
	a.Closures(in+"Each.func1", account.Captured{"all": account.Value(all)})
	a.Call(kinds.Each, all)
}

func numbers(yield func(int) bool) {
	for i := range 3 {
		if !yield(i) {
			return
		}
	}
}
