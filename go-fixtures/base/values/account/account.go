// Package account writes down what functions are given and give back, as the program itself sees it: a line of JSON
// for each call, in the notation that goproctor has for values, without any limit.
package account

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime"
)

// An Account writes calls down.
type Account struct {
	file     *os.File
	buffered *bufio.Writer
	encoder  *json.Encoder
	sources  sources
	closures closures
}

// A record is one call: a line.
type record struct {
	Function  string     `json:"function"`
	Arguments []variable `json:"arguments"` // the receiver first
	Results   []variable `json:"results"`
}

// A variable is an argument or a result.
type variable struct {
	Name  string      `json:"name"` // as the source has it; empty if it has none
	Type  string      `json:"type"`
	Value interface{} `json:"value"`
}

// Open begins an account in a file; without a name, on the standard output.
func Open(path string) (*Account, error) {
	file := os.Stdout
	if path != "" {
		var err error
		if file, err = os.Create(path); err != nil {
			return nil, err
		}
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	return &Account{
		file:     file,
		buffered: buffered,
		encoder:  json.NewEncoder(buffered),
		sources:  sources{},
		closures: closures{},
	}, nil
}

// Close ends the account.
func (a *Account) Close() error {
	if err := a.buffered.Flush(); err != nil {
		return err
	}
	return a.file.Close()
}

// Call calls a function, or a method by its expression, and writes the call down. A variadic function is given a
// slice as its last argument. It returns the results.
func (a *Account) Call(f interface{}, arguments ...interface{}) []interface{} {
	return a.CallNamed(name(f), f, arguments...)
}

// CallNamed is for a function whose func value has another name than its own: an instance of a generic one.
func (a *Account) CallNamed(function string, f interface{}, arguments ...interface{}) []interface{} {
	callee := reflect.ValueOf(f)
	call := callee.Call
	if callee.Type().IsVariadic() {
		call = callee.CallSlice
	}
	in := values(callee.Type(), arguments)
	var results []interface{}
	a.write(function, callee.Type(), in, func() []reflect.Value {
		out := call(in)
		for _, v := range out {
			results = append(results, v.Interface())
		}
		return out
	})
	return results
}

// Through makes a call in another way than through a func value. The function that it leads to, whatever lies between,
// is f with those arguments; call makes it and gives the results.
func (a *Account) Through(f interface{}, call func() []interface{}, arguments ...interface{}) {
	a.ThroughNamed(name(f), f, call, arguments...)
}

// ThroughNamed is Through for a function whose func value has another name than its own.
func (a *Account) ThroughNamed(function string, f interface{}, call func() []interface{}, arguments ...interface{}) {
	signature := reflect.TypeOf(f)
	a.write(function, signature, values(signature, arguments), func() []reflect.Value {
		results := call()
		out := make([]reflect.Value, len(results))
		for i, result := range results {
			out[i] = valueOf(signature.Out(i), result)
		}
		return out
	})
}

// write takes the arguments before the call and the results after it.
func (a *Account) write(function string, signature reflect.Type, in []reflect.Value, call func() []reflect.Value) {
	names := a.sources.names(function, signature)
	r := record{
		Function:  function,
		Arguments: a.variables(names.parameters, in),
	}
	out := call()
	r.Results = a.variables(names.results, out)
	if err := a.encoder.Encode(&r); err != nil {
		panic(fmt.Sprintf("%s: %v", function, err))
	}
}

func (a *Account) variables(names []string, values []reflect.Value) []variable {
	list := make([]variable, len(values))
	for i, v := range values {
		n := notation{closures: a.closures, around: map[reference]int{}}
		list[i] = variable{names[i], TypeName(v.Type()), n.value(v)}
	}
	return list
}

// values gives the arguments the types of the parameters.
func values(signature reflect.Type, arguments []interface{}) []reflect.Value {
	if signature.NumIn() != len(arguments) {
		panic(fmt.Sprintf("%d arguments for %v", len(arguments), signature))
	}
	in := make([]reflect.Value, len(arguments))
	for i, argument := range arguments {
		in[i] = valueOf(signature.In(i), argument)
	}
	return in
}

// valueOf gives a value a type that it is assignable to, and a number any numeric type; nil is the zero value.
func valueOf(t reflect.Type, value interface{}) reflect.Value {
	v := reflect.New(t).Elem()
	switch given := reflect.ValueOf(value); {
	case value == nil:
	case isNumber(t) && isNumber(given.Type()):
		v.Set(given.Convert(t))
	default:
		v.Set(given)
	}
	return v
}

func isNumber(t reflect.Type) bool {
	return reflect.Int <= t.Kind() && t.Kind() <= reflect.Float64
}

// name returns the name of a func value's code.
func name(f interface{}) string {
	return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
}
