package account

import (
	"fmt"
	"reflect"
	"strings"
)

// TypeName returns a type's name in Go's notation with full package paths.
func TypeName(t reflect.Type) string {
	if t.Name() != "" {
		if t.PkgPath() == "" {
			return t.String() // predeclared, or unsafe.Pointer
		}
		return t.PkgPath() + "." + t.Name()
	}
	switch t.Kind() {
	case reflect.Ptr:
		return "*" + TypeName(t.Elem())
	case reflect.Slice:
		return "[]" + TypeName(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), TypeName(t.Elem()))
	case reflect.Map:
		return "map[" + TypeName(t.Key()) + "]" + TypeName(t.Elem())
	case reflect.Chan:
		return t.ChanDir().String() + " " + TypeName(t.Elem())
	case reflect.Func:
		return "func" + signature(t)
	case reflect.Struct:
		return braces("struct", fields(t))
	case reflect.Interface:
		methods := make([]string, t.NumMethod())
		for i := range methods {
			methods[i] = t.Method(i).Name + signature(t.Method(i).Type)
		}
		return braces("interface", methods)
	}
	return t.String()
}

func fields(t reflect.Type) []string {
	list := make([]string, t.NumField())
	for i := range list {
		field := t.Field(i)
		if !field.Anonymous {
			list[i] = field.Name + " "
		}
		list[i] += TypeName(field.Type)
		if field.Tag != "" {
			list[i] += fmt.Sprintf(" %q", string(field.Tag))
		}
	}
	return list
}

func braces(keyword string, parts []string) string {
	if len(parts) == 0 {
		return keyword + " {}"
	}
	return keyword + " { " + strings.Join(parts, "; ") + " }"
}

// signature returns a func type without its keyword.
func signature(t reflect.Type) string {
	parameters := make([]string, t.NumIn())
	for i := range parameters {
		parameters[i] = TypeName(t.In(i))
	}
	if t.IsVariadic() {
		last := len(parameters) - 1
		parameters[last] = "..." + TypeName(t.In(last).Elem())
	}
	results := make([]string, t.NumOut())
	for i := range results {
		results[i] = TypeName(t.Out(i))
	}
	text := "(" + strings.Join(parameters, ", ") + ")"
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}
