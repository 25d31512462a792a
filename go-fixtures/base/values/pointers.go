package main

import (
	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// tree returns a tree of so many levels.
func tree(levels, value int) *kinds.Node {
	if levels == 0 {
		return nil
	}
	return &kinds.Node{Value: value, Left: tree(levels-1, 2*value), Right: tree(levels-1, 2*value+1)}
}

// pointers calls functions with pointers to everything, back to themselves and deeper than is shown.
func pointers(a *account.Account) {
	for levels := 0; levels < 6; levels++ {
		a.Call(kinds.Walk, tree(levels, 1))
	}
	alone := &kinds.Ring{Name: "alone"}
	alone.Next = alone
	a.Call(kinds.Turn, alone)
	two := &kinds.Ring{Name: "one", Next: &kinds.Ring{Name: "two"}}
	two.Next.Next = two
	a.Call(kinds.Turn, two)
	a.Call(kinds.Turn, &kinds.Ring{Name: "list", Next: &kinds.Ring{Name: "end"}})
	n := 3
	p := &n
	a.Call(kinds.Point2, &p)
	a.Call(kinds.Point2, new(*int))
	a.Call(kinds.Point2, nil)
	pp := &p
	ppp := &pp
	pppp := &ppp
	a.Call(kinds.Point5, &pppp)
	var self kinds.Self
	self = &self
	a.Call(kinds.Loop, self)
	var end kinds.Self
	a.Call(kinds.Loop, &end)
	a.Call(kinds.Loop, nil)
	holder := &kinds.Holder{}
	a.Call(kinds.Hug, holder)
	holder.Any = holder
	a.Call(kinds.Hug, holder)
	holder.List = []*kinds.Holder{holder, nil, {Any: 1}}
	holder.Map = map[string]*kinds.Holder{"itself": holder}
	a.Call(kinds.Hug, holder)
	a.Call(kinds.Same, tree(1, 5), tree(1, 5))
	same := tree(2, 6)
	a.Call(kinds.Same, same, same)
	a.Call(kinds.Pair2, &kinds.Point{X: 1, Y: 2})
	a.Call(kinds.Out, new(int), 5)
	onStack(a)
	a.Call(kinds.First, &[3]kinds.Point{{X: 1}, {X: 2, Y: 3}, {Y: 4}})
	a.Call(kinds.StringsOf, &[]string{"first", "second"})
}

// onStack gives pointers to variables of its own, which need not be on the heap.
func onStack(a *account.Account) {
	a.Through(kinds.OnStack, func() []interface{} {
		point, text := kinds.Point{X: 11, Y: 12}, "on the stack"
		return []interface{}{kinds.OnStack(&point, &text)}
	}, &kinds.Point{X: 11, Y: 12}, stringOf("on the stack"))
}

func stringOf(s string) *string { return &s }
