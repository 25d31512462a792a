package main

import (
	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// numbers returns so many numbers from 0.
func numbers(count int) []int {
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	return all
}

// slices calls functions with slices of everything, short, long and nested.
func slices(a *account.Account) {
	a.Call(kinds.Rows, [][]int{{1, 2}, nil, {}, {3}})
	a.Call(kinds.Rows, nil)
	a.Call(kinds.Cubes, [][][]string{{{"a", "b"}, {"c"}}, {{}, nil}})
	a.Call(kinds.Deep, [][][][][]int{{{{{1, 2, 3}}}}})
	a.Call(kinds.Records, []map[string]int{{"a": 1, "b": 2}, nil, {}})
	a.Call(kinds.Corners, []*kinds.Point{{X: 1, Y: 2}, nil, {X: 3}})
	a.Call(kinds.Values, []interface{}{1, "two", nil, 3.5, []int{4}, &kinds.Point{X: 5}, true, map[string]int{"six": 6}})
	a.Call(kinds.Shapes, []kinds.Shape{kinds.Square{Side: 2}, nil, &kinds.Circle{Radius: 3, Name: "c"}, (*kinds.Circle)(nil)})
	a.Call(kinds.Path, []kinds.Point{{X: 1, Y: 2}, {X: 3, Y: 4}, {X: 5, Y: 6}})
	a.Call(kinds.Path, make([]kinds.Point, 17))
	a.Call(kinds.Wide, []kinds.Large{large(1), large(2)})
	a.Call(kinds.Nothings, make([]struct{}, 3))
	a.Call(kinds.Nothings, make([]struct{}, 1000))
	for _, count := range []int{0, 1, 15, 16, 17, 100, 5000} {
		a.Call(kinds.Middle, numbers(count), 0, count)
		a.Call(kinds.Numbers.Sum, kinds.Numbers(numbers(count)))
	}
	a.Call(kinds.Middle, numbers(40), 10, 13)
	a.Call(kinds.Middle, numbers(40), 40, 40)
	a.Call(kinds.Middle, make([]int, 3, 500), 0, 3)
	a.Call(kinds.Callbacks, []func(int) int{double, nil, increment})
	a.Call(kinds.Branches, kinds.Tree{{}, nil, {{}, {}}})
	itself := make(kinds.Tree, 2)
	itself[0] = itself
	a.Call(kinds.Branches, itself)
	pushed := kinds.Numbers{1}
	a.Call((*kinds.Numbers).Push, &pushed, 2)
	a.Call((*kinds.Numbers).Push, &pushed, 3)
}
