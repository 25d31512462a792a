// Values calls generic functions and methods with type arguments of every kind, among them some that share a body, and
// writes down by its own reflection what each call was given and gave back.
package main

import (
	"errors"
	"flag"
	"log"

	"goproctor.test/base/values/account"
	"goproctor.test/generics/values/kinds"
)

var file = flag.String("log", "", "the `file` to write the calls to, instead of the standard output")

// in is the package of the functions.
const in = "goproctor.test/generics/values/kinds."

func main() {
	flag.Parse()
	a, err := account.Open(*file)
	if err != nil {
		log.Fatal(err)
	}
	every(a, true, false)
	every(a, -1, 2)
	every(a, int8(-8), 9)
	every(a, uint64(1<<63), 1)
	every(a, 0.1, -2.5)
	every(a, float32(0.1), 3)
	every(a, 1+2i, -3i)
	every(a, "text", "other")
	every(a, kinds.Metres(5), 6)
	every(a, [2]int16{1, -2}, [2]int16{3, 4})
	every(a, struct{}{}, struct{}{})
	every(a, kinds.Cat{Lives: 9}, kinds.Cat{Lives: 1})
	every(a, kinds.Pair[string, int]{Key: "k", Value: 1}, kinds.Pair[string, int]{})
	every(a, &kinds.Cat{Lives: 7}, nil)
	every(a, &kinds.Dog{Tricks: "sit"}, &kinds.Dog{Tricks: "roll"})
	of(a, errors.New("broken"), nil)
	of(a, any("held"), any(5))
	of(a, []int{1, 2}, nil)
	of(a, []byte("bytes"), []byte{0xff})
	of(a, []*kinds.Dog{{Tricks: "sit"}, nil}, nil)
	of(a, map[string]int{"one": 1}, nil)
	of(a, main, nil)
	of(a, kinds.List[int]{}, kinds.List[int]{})
	of(a, &kinds.List[*kinds.Cat]{}, nil)
	of(a, kinds.Set[string]{"a": {}}, nil)
	numbers(a)
	lists(a)
	if err := a.Close(); err != nil {
		log.Fatal(err)
	}
}

// every calls what takes comparable values.
func every[T comparable](a *account.Account, v, w T) {
	a.CallNamed(in+"Keys", kinds.Keys[T, string], map[T]string{v: "v", w: "w"}, v)
	a.CallNamed(in+"Keys", kinds.Keys[T, *T], map[T]*T{v: &w}, w)
	a.CallNamed(in+"Set.Has", kinds.Set[T].Has, kinds.Set[T]{v: {}}, w)
	a.CallNamed(in+"MakePair", kinds.MakePair[T, int], v, 1)
	a.CallNamed(in+"MakePair", kinds.MakePair[T, *T], v, &w)
	a.CallNamed(in+"Pair.Flip", kinds.Pair[T, string].Flip, kinds.Pair[T, string]{Key: v, Value: "flip"}, 2)
	of(a, v, w)
}

// of calls what takes any values.
func of[T any](a *account.Account, v, w T) {
	a.CallNamed(in+"Identity", kinds.Identity[T], v)
	a.CallNamed(in+"Identity", kinds.Identity[*T], &w)
	a.CallNamed(in+"Identity", kinds.Identity[[]T], []T{v, w})
	a.CallNamed(in+"Swap", kinds.Swap[T, int], v, 1)
	a.CallNamed(in+"Swap", kinds.Swap[string, T], "swap", v)
	a.CallNamed(in+"Swap", kinds.Swap[T, T], v, w)
	a.CallNamed(in+"Zero", kinds.Zero[T])
	a.CallNamed(in+"Zero", kinds.Zero[*T])
	a.CallNamed(in+"Store", kinds.Store[T], v)
	a.CallNamed(in+"Load", kinds.Load[T], &v, w)
	a.CallNamed(in+"Load", kinds.Load[T], nil, w)
	a.CallNamed(in+"Hold", kinds.Hold[T], v)
	a.CallNamed(in+"Elements", kinds.Elements[[]T, T], []T{v, w}, 1)
	c := make(chan T, 2)
	c <- v
	a.CallNamed(in+"Queue", kinds.Queue[T], c, nil)
	a.CallNamed(in+"Many", kinds.Many[T, int8], v, w, v, w, -1, 2, -3, 4, v, w)
	a.CallNamed(in+"Many", kinds.Many[string, T], "a", "b", "c", "d", v, w, v, w, "i", "j")
	pair := kinds.Pair[string, T]{Key: "pair", Value: v}
	a.CallNamed(in+"(*Pair).Set", (*kinds.Pair[string, T]).Set, &pair, w)
	a.CallNamed(in+"Pair.Flip", kinds.Pair[string, T].Flip, pair, 3)
	list := new(kinds.List[T])
	a.CallNamed(in+"(*List).Push", (*kinds.List[T]).Push, list, v)
	a.CallNamed(in+"(*List).Push", (*kinds.List[T]).Push, list, w)
	a.CallNamed(in+"(*Tree).Grow", (*kinds.Tree[T]).Grow, &kinds.Tree[T]{Any: list}, "key", v)
	a.CallNamed(in+"(*Tree).Grow", (*kinds.Tree[T]).Grow, nil, "root", w)
	a.CallNamed(in+"Outer", kinds.Outer[T], v)
}

// numbers calls what has constraints of its own.
func numbers(a *account.Account) {
	a.CallNamed(in+"Sum", kinds.Sum[int], []int{1, 2, 3})
	a.CallNamed(in+"Sum", kinds.Sum[int8], []int8{-1, -2})
	a.CallNamed(in+"Sum", kinds.Sum[uint16], nil)
	a.CallNamed(in+"Sum", kinds.Sum[float32], []float32{0.1, 0.2})
	a.CallNamed(in+"Sum", kinds.Sum[float64], []float64{0.1, 0.2})
	a.CallNamed(in+"Sum", kinds.Sum[complex128], []complex128{1i, 2})
	a.CallNamed(in+"Sum", kinds.Sum[kinds.Metres], []kinds.Metres{4, 5})
	cat, dog := &kinds.Cat{Lives: 3}, &kinds.Dog{Tricks: "fetch"}
	a.CallNamed(in+"Describe", kinds.Describe[*kinds.Cat], cat, cat)
	a.CallNamed(in+"Describe", kinds.Describe[*kinds.Dog], dog, nil)
	a.CallNamed(in+"Describe", kinds.Describe[kinds.Metres], kinds.Metres(1), kinds.Metres(2))
	a.CallNamed(in+"Elements", kinds.Elements[kinds.Row, string], kinds.Row{"x", "y"}, 0)
}

// lists calls a method of a value that shares its body, with type arguments that stand here: with a type parameter in
// their place Go 1.18 does not compile it without optimisation.
func lists(a *account.Account) {
	a.CallNamed(in+"List.Len", kinds.List[int].Len, *pushed(a, 1, 2))
	a.CallNamed(in+"List.Len", kinds.List[uint64].Len, *pushed(a, uint64(1<<63)))
	a.CallNamed(in+"List.Len", kinds.List[float64].Len, *pushed(a, 0.1, -2.5))
	a.CallNamed(in+"List.Len", kinds.List[complex128].Len, *pushed(a, 1i))
	a.CallNamed(in+"List.Len", kinds.List[string].Len, *pushed(a, "text", ""))
	a.CallNamed(in+"List.Len", kinds.List[[2]int16].Len, *pushed(a, [2]int16{1, -2}))
	a.CallNamed(in+"List.Len", kinds.List[kinds.Cat].Len, *pushed(a, kinds.Cat{Lives: 9}))
	a.CallNamed(in+"List.Len", kinds.List[*kinds.Cat].Len, *pushed(a, &kinds.Cat{Lives: 7}, nil))
	a.CallNamed(in+"List.Len", kinds.List[*kinds.Dog].Len, *pushed(a, &kinds.Dog{Tricks: "sit"}))
	a.CallNamed(in+"List.Len", kinds.List[any].Len, *pushed[any](a, 5, "five"))
	a.CallNamed(in+"List.Len", kinds.List[[]byte].Len, *pushed(a, []byte("bytes"), nil))
}

// pushed returns a list of values; the first is its last.
func pushed[T any](a *account.Account, values ...T) *kinds.List[T] {
	list := new(kinds.List[T])
	for _, v := range values {
		a.CallNamed(in+"(*List).Push", (*kinds.List[T]).Push, list, v)
	}
	return list
}
