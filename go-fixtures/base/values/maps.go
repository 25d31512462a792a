package main

import (
	"fmt"
	"math"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// squares returns a map of so many numbers, made with room for hint.
func squares(count, hint int) map[int]int {
	m := make(map[int]int, hint)
	for i := 0; i < count; i++ {
		m[i] = i * i
	}
	return m
}

// words returns a map of so many strings.
func words(count int) map[string]string {
	m := map[string]string{}
	for i := 0; i < count; i++ {
		m[fmt.Sprintf("key %03d", i)] = fmt.Sprintf("value %d", i)
	}
	return m
}

// maps calls functions with maps of all sizes, states and kinds of keys and values.
func maps(a *account.Account) {
	a.Call(kinds.ByInt, nil)
	a.Call(kinds.ByInt, map[int]int{})
	// The sizes are those at which tables of either kind are full, grow and have just begun to grow.
	for _, count := range []int{1, 2, 6, 7, 8, 9, 13, 14, 15, 16, 17, 26, 27, 28, 52, 53, 54, 100, 105, 113, 209, 417, 833, 850, 897, 1000, 1793, 3000} {
		a.Call(kinds.ByInt, squares(count, 0))
	}
	for _, hint := range []int{5, 8, 9, 14, 100, 2000} {
		a.Call(kinds.ByInt, squares(5, hint))
	}
	for _, count := range []int{1, 8, 9, 12, 16, 40, 1200} {
		a.Call(kinds.ByString, words(count))
		a.Call(kinds.Fill, count)
	}
	for _, count := range []int{10, 200, 2000} {
		a.Call(kinds.Thin, squares(count, 0), 7)
		a.Call(kinds.Thin, squares(count, 0), 1<<40)
	}
	a.Call(kinds.ByInt, churned())
	cleared := squares(20, 0)
	for key := range cleared {
		delete(cleared, key)
	}
	a.Call(kinds.ByInt, cleared)
	small := squares(8, 0)
	delete(small, 3)
	delete(small, 0)
	a.Call(kinds.ByInt, small)
	small[100] = -1
	a.Call(kinds.ByInt, small)

	mapKeys(a)
	mapValues(a)
}

// churned returns a small map of a table in which much was written and deleted.
func churned() map[int]int {
	m := map[int]int{}
	for i := 0; i < 5000; i++ {
		m[i] = i
		delete(m, i-11)
	}
	return m
}

func mapKeys(a *account.Account) {
	a.Call(kinds.ByByte, map[uint8]bool{255: true, 0: false, 7: true})
	a.Call(kinds.ByInt32, map[int32]int64{-1: -1, 1: 1, math.MinInt32: 2, math.MaxInt32: 3})
	a.Call(kinds.ByUint64, map[uint64]struct{}{0: {}, math.MaxUint64: {}, 1 << 63: {}})
	a.Call(kinds.ByFloat, map[float64]string{-1.5: "a", 0: "b", 2.25: "c", math.Inf(1): "d", math.Inf(-1): "e"})
	a.Call(kinds.ByFloat, map[float64]string{math.NaN(): "not a number"})
	a.Call(kinds.ByBool, map[bool]string{true: "yes", false: "no"})
	a.Call(kinds.ByArray, map[[2]int16]string{{1, 2}: "a", {1, -2}: "b", {-1, 5}: "c"})
	a.Call(kinds.ByStruct, map[kinds.Key]int{{Name: "b", Part: 1, Flag: true}: 1, {Name: "a", Part: 2}: 2, {Name: "a", Part: -2, Flag: true}: 3, {}: 4})
	a.Call(kinds.ByAny, map[interface{}]string{1: "int", "one": "string", 1.5: "float", kinds.Point{X: 1}: "struct", nil: "nil", [1]int{2}: "array", true: "bool"})
	a.Call(kinds.ByShape, map[kinds.Shape]string{kinds.Square{Side: 1}: "one", kinds.Square{Side: 2}: "two", &kinds.Circle{Radius: 3}: "three"})
	a.Call(kinds.ByPointer, map[*kinds.Point]int{{X: 1}: 1, {X: 2}: 2, nil: 0})
	a.Call(kinds.ByComplex, map[complex128]int{1 + 2i: 1, -1i: 2})
	a.Call(kinds.ByChannel, map[chan int]string{buffered(1, 2): "some", nil: "nil"})
	a.Call(kinds.ByBlock, map[[20]int64]int{{1, 2, 3}: 1, {-1, 19: 7}: 2})
}

func mapValues(a *account.Account) {
	a.Call(kinds.OfBlock, map[int]kinds.Block{1: {ID: 1, Rest: [20]int64{1, 19: -1}}, 2: {ID: 2}})
	a.Call(kinds.BlockOfBlock, map[[20]int64]kinds.Block{{4}: {ID: 3}, {5}: {ID: 4}})
	a.Call(kinds.OfHundred, map[int]kinds.Hundred{1: {ID: 5, Rest: [31]int32{30: -6}}})
	a.Call(kinds.OfNothing, map[string]struct{}{"a": {}, "b": {}})
	a.Call(kinds.OfMaps, map[string]map[string]int{"first": {"a": 1, "b": 2}, "nil": nil, "empty": {}})
	a.Call(kinds.OfSlices, map[string][]string{"Accept": {"text/html", "*/*"}, "None": {}, "Nil": nil})
	a.Call(kinds.OfPointers, map[string]*kinds.Node{"nil": nil, "one": {Value: 1}, "tree": tree(3, 1)})
	a.Call(kinds.OfAny, map[string]interface{}{"bool": true, "text": "text", "nil": nil, "list": []interface{}{1, "2"}, "map": map[string]interface{}{"x": 1}})
	a.Call(kinds.OfFuncs, map[string]func(int) int{"double": double, "nil": nil})
	a.Call(kinds.OfStructs, map[int]kinds.Base{1: {ID: 1}, -1: {ID: -1}})
	a.Call(kinds.OfBytes, map[int64]byte{1: 'a', 2: 0, 3: 255})
	a.Call(kinds.OfItself, kinds.Registry{"a": {"b": {"c": {"d": {}}}}, "nil": nil})
	itself := kinds.Registry{}
	itself["itself"] = itself
	a.Call(kinds.OfItself, itself)
	a.Call(kinds.Behind, &map[string]int{"behind": 1})
	a.Call(kinds.Behind, new(map[string]int))
	stock := kinds.Inventory{"apple": 3}
	a.Call(kinds.Inventory.Add, stock, "apple", 2)
	a.Call(kinds.Inventory.Add, stock, "pear", 1)
}
