package main

import (
	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// large returns a struct that is another for each number.
func large(n int) kinds.Large {
	return kinds.Large{
		Name:   "large",
		Counts: [6]int{n, n + 1, n + 2, 3, 4, -n},
		Flags:  [3]bool{true, false, n > 1},
		Points: [2]kinds.Point{{X: int32(n), Y: 2}, {X: 3, Y: int32(-n)}},
		Parent: &kinds.Point{X: 4, Y: 5},
		Tags:   map[string]string{"a": "b", "c": "d"},
		Any:    n,
		Last:   uint8(250 + n),
	}
}

// structs calls functions with structs of all forms.
func structs(a *account.Account) {
	a.Call(kinds.KeepSingle, kinds.Single{Only: -5})
	a.Call(kinds.KeepWrapped, kinds.Wrapped{Inner: kinds.Single{Only: 6}})
	a.Call(kinds.KeepEmpty, 1, kinds.Empty{}, "after", [0]int{}, struct{}{})
	blank := kinds.Blank{Kept: -7, Last: true}
	a.Call(kinds.KeepBlank, blank)
	a.Call(kinds.LoadBlank, &blank)
	whole := kinds.Whole{
		Extra: &kinds.Extra{Note: "note", Next: &kinds.Extra{Note: "next"}},
		Level: 3,
		Shape: kinds.Square{Side: 4},
	}
	whole.ID = 8
	a.Call(kinds.KeepWhole, whole)
	a.Call(kinds.LoadWhole, &whole)
	a.Call(kinds.KeepWhole, kinds.Whole{})
	a.Call(kinds.KeepLarge, -1, large(1), -2)
	one := large(2)
	a.Call(kinds.LoadLarge, &one)
	a.Call(kinds.LoadLarge, nil)
	padded := kinds.Padded{A: true, B: -1, C: true, D: -2, F: 3, G: 4}
	a.Call(kinds.KeepPadded, padded)
	a.Call(kinds.Scale, kinds.Vector{X: 1, Y: -2, Z: 0.1}, 1.5)
	a.Call(kinds.LoadVector, &kinds.Vector{X: 0.25, Y: -1e-9})
	a.Call(kinds.Mix, kinds.Colour{R: 0.1, G: 0.2, B: 0.3, A: 1}, kinds.Colour{G: 0.5})
	a.Call(kinds.KeepBlend, kinds.Blend{Weight: 0.7, Count: 3, Sum: 1 - 2i, Label: "blend"})
	nested := kinds.Nested{List: []struct{ Key, Value string }{{"k", "v"}, {"", "w"}}}
	nested.Outer.Inner.Deep = "deep"
	nested.Outer.Inner.Depth = 2
	a.Call(kinds.KeepNested, nested)
	a.Call(kinds.Anonymous, struct {
		A int
		B string
	}{1, "b"})
	a.Call(kinds.KeepTagged, kinds.Tagged{Name: "tagged"})
	a.Call(kinds.Lock, new(kinds.Guarded))
	a.Call(kinds.KeepHeader, kinds.Header{
		Bools:   []bool{true, false},
		Bytes:   []byte("bytes"),
		Strings: []string{"x", ""},
		Floats:  []float64{0.5, -0.25},
		Maps:    []map[int]bool{{1: true}, nil},
	})
	a.Call(kinds.TwoPoints, kinds.Point{X: 1, Y: -1}, kinds.Point{X: 2, Y: -2})
	a.Call(kinds.Split, padded, kinds.Padded{B: 9, E: true}, padded, kinds.Point{X: 3}, kinds.Base{ID: 4})
}
