package account

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// rounds is how often a slice or a map that contains itself is written down. Pointers that lead back to a value around
// them are told as a cycle at once.
const rounds = 16

// An object is a JSON object.
type object map[string]interface{}

// A reference is what may lead back to a value around it.
type reference struct {
	kind    reflect.Type
	address uintptr
	length  int
}

// A notation turns a value into what JSON is made from.
type notation struct {
	closures closures
	// How often each reference lies around the value at hand.
	around map[reference]int
}

func (n notation) value(v reflect.Value) interface{} {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		return float(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return object{"real": float(real(v.Complex())), "imag": float(imag(v.Complex()))}
	case reflect.String:
		return text(v.String())
	case reflect.Struct:
		return n.fields(v)
	case reflect.Array:
		return n.elements(v)
	}
	if v.Kind() == reflect.UnsafePointer {
		if v.Pointer() == 0 {
			return nil
		}
		return object{"address": fmt.Sprintf("%#x", v.Pointer())}
	}
	if v.IsNil() {
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		return n.within(reference{v.Type(), v.Pointer(), v.Len()}, rounds, func() interface{} { return n.elements(v) })
	case reflect.Map:
		return n.within(reference{v.Type(), v.Pointer(), 0}, rounds, func() interface{} { return n.entries(v) })
	case reflect.Ptr:
		return n.within(reference{v.Type(), v.Pointer(), 0}, 1, func() interface{} {
			return object{"pointer": n.value(v.Elem())}
		})
	case reflect.Interface:
		return object{"type": TypeName(v.Elem().Type()), "value": n.value(v.Elem())}
	case reflect.Func:
		return n.function(v)
	case reflect.Chan:
		return object{"length": v.Len(), "capacity": v.Cap()}
	}
	panic(fmt.Sprintf("a value of type %v", v.Type()))
}

// within gives what write does, unless the reference already lies around it as often as allowed.
func (n notation) within(r reference, allowed int, write func() interface{}) interface{} {
	if n.around[r] == allowed {
		return object{"status": "cycle"}
	}
	n.around[r]++
	defer func() { n.around[r]-- }()
	return write()
}

// float returns a number, or a string for what JSON has no number for.
func float(f float64) interface{} {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	case f == 0 && math.Signbit(f):
		return json.RawMessage("-0.0")
	}
	return f
}

func text(s string) interface{} {
	if utf8.ValidString(s) {
		return s
	}
	return object{"base64": base64.StdEncoding.EncodeToString([]byte(s))}
}

func (n notation) fields(v reflect.Value) interface{} {
	fields := object{}
	for i := 0; i < v.NumField(); i++ {
		if name := v.Type().Field(i).Name; name != "_" {
			fields[name] = n.value(v.Field(i))
		}
	}
	return fields
}

func (n notation) elements(v reflect.Value) interface{} {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		bytes := make([]byte, v.Len())
		for i := range bytes {
			bytes[i] = byte(v.Index(i).Uint())
		}
		return text(string(bytes))
	}
	elements := make([]interface{}, v.Len())
	for i := range elements {
		elements[i] = n.value(v.Index(i))
	}
	return elements
}

// entries are sorted by key; those of keys without an order of their own, by their notation.
func (n notation) entries(v reflect.Value) interface{} {
	entries := make([][2]interface{}, 0, v.Len())
	keys := make([]reflect.Value, 0, v.Len())
	for iterator := v.MapRange(); iterator.Next(); {
		keys = append(keys, iterator.Key())
		entries = append(entries, [2]interface{}{n.value(iterator.Key()), n.value(iterator.Value())})
	}
	sort.Sort(&byKey{keys, entries})
	return object{"entries": entries}
}

type byKey struct {
	keys    []reflect.Value
	entries [][2]interface{}
}

func (b *byKey) Len() int { return len(b.keys) }

func (b *byKey) Swap(i, j int) {
	b.keys[i], b.keys[j] = b.keys[j], b.keys[i]
	b.entries[i], b.entries[j] = b.entries[j], b.entries[i]
}

func (b *byKey) Less(i, j int) bool {
	order, ordered := compare(b.keys[i], b.keys[j])
	if !ordered {
		return fmt.Sprint(b.entries[i][0]) < fmt.Sprint(b.entries[j][0])
	}
	return order < 0
}

// compare returns a number below, equal to or above 0, and whether values of that type have an order.
func compare(a, b reflect.Value) (int, bool) {
	switch a.Kind() {
	case reflect.Bool:
		return sign(!a.Bool() && b.Bool(), a.Bool() && !b.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return sign(a.Int() < b.Int(), a.Int() > b.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return sign(a.Uint() < b.Uint(), a.Uint() > b.Uint()), true
	case reflect.Float32, reflect.Float64:
		return sign(a.Float() < b.Float(), a.Float() > b.Float()), true
	case reflect.String:
		return strings.Compare(a.String(), b.String()), true
	case reflect.Struct:
		return lexicographic(a.NumField(), a.Field, b.Field)
	case reflect.Array:
		return lexicographic(a.Len(), a.Index, b.Index)
	}
	return 0, false
}

func lexicographic(count int, a, b func(int) reflect.Value) (int, bool) {
	for i := 0; i < count; i++ {
		if order, ordered := compare(a(i), b(i)); order != 0 || !ordered {
			return order, ordered
		}
	}
	return 0, true
}

func sign(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}

func (n notation) function(v reflect.Value) interface{} {
	// A func value is a pointer to its closure; reflect gives the code that the closure begins with.
	var closure unsafe.Pointer
	if !v.CanAddr() && v.CanInterface() {
		v = Value(v.Interface()).v
	}
	if v.CanAddr() {
		closure = *(*unsafe.Pointer)(unsafe.Pointer(v.UnsafeAddr()))
	}
	function := codeName(v.Pointer())
	captured, known := n.closures.of(closure, function)
	if !known {
		return object{"func": function}
	}
	// A bound method goes by the method's name.
	function = strings.TrimSuffix(function, "-fm")
	variables := object{}
	for name, variable := range captured {
		variables[name] = n.value(variable.v)
	}
	return object{"func": function, "captured": variables}
}
