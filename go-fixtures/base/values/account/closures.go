package account

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"unsafe"
)

// A Variable is what a closure captured.
type Variable struct {
	v reflect.Value
}

// Captured are the variables that a closure captured, by name. One that is captured by reference is a pointer.
type Captured map[string]Variable

// Value is a variable that was captured.
func Value(v interface{}) Variable {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return Variable{p.Elem()}
}

// Of is a variable, by a pointer to a copy of it, for one whose type is an interface.
func Of(copy interface{}) Variable {
	return Variable{reflect.ValueOf(copy).Elem()}
}

// closures are known by their address, or else by the name of their code.
type closures map[interface{}]Captured

// Closure states what a closure captured: no program can find that out by itself.
func (a *Account) Closure(f interface{}, captured Captured) {
	a.closures[address(f)] = captured
}

// Closures states what all closures of that name captured, from now on, but for those that were stated themselves.
func (a *Account) Closures(name string, captured Captured) {
	a.closures[name] = captured
}

// address returns that of a func value's closure.
func address(f interface{}) unsafe.Pointer {
	v := Value(f).v
	return *(*unsafe.Pointer)(unsafe.Pointer(v.UnsafeAddr()))
}

// literal matches the names of what may capture variables: function literals and bound methods.
var literal = regexp.MustCompile(`\.func\d+|-fm$`)

func (c closures) of(address unsafe.Pointer, name string) (Captured, bool) {
	captured, known := c[address]
	if !known {
		captured, known = c[name]
	}
	if !known && literal.MatchString(name) {
		panic(fmt.Sprintf("nobody stated what %s captured", name))
	}
	return captured, known && captured != nil
}

// codeName returns the name of the function at that address.
func codeName(pc uintptr) string {
	return runtime.FuncForPC(pc).Name()
}
