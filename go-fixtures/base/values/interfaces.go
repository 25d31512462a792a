package main

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unsafe"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// interfaces calls functions with interfaces that hold every kind, and none.
func interfaces(a *account.Account) {
	type local struct{ N int }
	text := "pointed to"
	var none *kinds.Circle
	for _, v := range []interface{}{
		nil, true, false, -1, int8(-8), int16(-16), int32(-32), int64(math.MinInt64),
		uint(1), uint8(200), uint16(16), uint32(32), uint64(math.MaxUint64), uintptr(7),
		float32(0.1), 0.1, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), complex64(1 + 2i), -2i,
		"", "text", "\xff", strings.Repeat("long", 100), []byte("bytes"), []byte(nil), []byte{0xff},
		[0]int{}, [1]int{1}, [3]string{"a", "b", ""}, [2]kinds.Point{{X: 1}, {Y: 2}}, [4]byte{'g', 'o'},
		[]int(nil), []int{}, []int{1, 2}, []string{"x"}, []interface{}{1, nil, "y", []int{2}},
		kinds.Empty{}, kinds.Single{Only: 3}, kinds.Point{X: 4, Y: 5}, struct{ A, B int }{6, 7}, local{8},
		&kinds.Point{X: 9}, none, &text, new(int), new(*int), (*int)(nil), new(interface{}),
		map[string]int{"a": 1}, map[int]string(nil), map[kinds.Key]bool{{Name: "k"}: true}, map[string]interface{}{"v": 1.5},
		double, (func())(nil), make(chan string, 3), (chan int)(nil), (<-chan int)(buffered(1, 1)),
		unsafe.Pointer(&anchor), unsafe.Pointer(nil),
		kinds.Celsius(36.6), kinds.Monday, kinds.Title("named"), kinds.Letters("named bytes"), kinds.Numbers{1, 2},
		kinds.Table{"t": 1}, kinds.Flag(true), kinds.Slot{}, kinds.Cell{}, kinds.Cell{{X: 1}}, kinds.Code(1),
		time.Second, time.UTC, time.March, kinds.Wrapped{Inner: kinds.Single{Only: 1}}, large(3),
	} {
		a.Call(kinds.Carry, v)
	}
	for _, s := range []fmt.Stringer{
		nil, kinds.Flag(true), kinds.Table{"a": 1}, kinds.Table(nil), kinds.Callback(double), kinds.Pipe(buffered(1, 3)),
		kinds.Slot{}, kinds.Cell{{X: 1, Y: 2}}, time.Minute, (*time.Location)(nil),
	} {
		a.Call(kinds.Describe, s)
	}
	circle := &kinds.Circle{Radius: 1, Name: "circle"}
	cube := kinds.Cube{Square: kinds.Square{Side: 2}, Depth: 3}
	a.Call(kinds.Compare, nil, nil)
	a.Call(kinds.Compare, circle, cube)
	a.Call(kinds.Compare, &cube, none)
	a.Call(kinds.Send, kinds.Envelope{Subject: "hello", Body: kinds.Envelope{Subject: "inner", Body: 1}, Sender: circle})
	a.Call(kinds.Send, kinds.Envelope{Body: &kinds.Envelope{Body: []interface{}{"deep"}}})
	a.Call(kinds.Send, kinds.Envelope{})
	var any interface{} = 5
	var shape kinds.Shape = kinds.Square{Side: 6}
	a.Call(kinds.Behalf, &any, &shape)
	a.Call(kinds.Behalf, new(interface{}), new(kinds.Shape))
	a.Call(kinds.Inspect, shape)
	a.Call(kinds.Inspect, circle)
	a.Call(kinds.Inspect, nil)
}
