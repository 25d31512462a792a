package main

import (
	"errors"
	"unsafe"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// signatures calls functions with parameters and results in all places that an ABI has for them.
func signatures(a *account.Account) {
	a.Call(kinds.Nil)
	a.Call(kinds.Results)
	a.Call(kinds.Named, 7)
	a.Call(kinds.Named, -8)
	a.Call(kinds.Bare, 5)
	a.Call(kinds.Rescued, 7)
	a.Call(kinds.Rescued, 0)
	a.Call(kinds.Interleaved, -1, 0.5, -2, float32(0.25), 3, 1e100, 4, float32(-0.1), 5, 0.1, true, 0.2, "interleaved", 0.3, []int{6, 7}, 0.4, errors.New("last"), 0.5, 8-9i, 0.6)
	a.Call(kinds.Floats, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17.25)
	a.Call(kinds.Ints, -1, -2, -3, -4, 5, 6, 7, 8, true, -9, -10, false, 11)
	a.Call(kinds.Spilled, 1, 2, 3, 4, 5, 6, 7, "spilled", [2]string{"a", "b"}, 8)
	points := [5]kinds.Point{{X: 1, Y: 2}, {X: 3}, {}, {Y: 4}, {X: -5, Y: -6}}
	a.Call(kinds.Arrays, [0]int{}, [1]string{"one"}, [2]int16{-1, 2}, points, 9)
	a.Call(kinds.Matrix, [2][3]int16{{1, 2, 3}, {-4, -5, -6}}, [1][1]string{{"one"}})
	var long [40]int
	for i := range long {
		long[i] = 100 + i
	}
	a.Call(kinds.Long, long)
	a.Call(kinds.Bools, true, false, 3, true, -4, true, [3]bool{true, false, true})
	a.Call(kinds.Everything, true, -1, 2, 0.5, 1i, "s", []byte("y"), [2]int{3, 4}, []int{5}, points[0], &points[1],
		map[string]int{"m": 6}, 7, errors.New("r"), nothing, buffered(1, 2), unsafe.Pointer(&anchor))
	a.Call(kinds.Everything, false, 0, 0, 0, 0i, "", nil, [2]int{}, nil, kinds.Point{}, nil, nil, nil, nil, nil, nil, nil)
	a.Call(kinds.Optional, "%d", []interface{}{1, "two", nil, 3.5})
	a.Call(kinds.Optional, "none", nil)
	a.Call(kinds.Only, []kinds.Point{{X: 1}, {X: 2}})
	a.Call(kinds.Only, nil)

	grown := make(chan struct{})
	go func() {
		defer close(grown)
		a.Call(kinds.Grow, "grown", 100)
	}()
	<-grown
}
