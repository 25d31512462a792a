package account

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// sources are the functions of packages that were parsed, by package path and by name. A program's reflection does
// not know the names of parameters.
type sources map[string]map[string]names

// names are those of a function's parameters, receiver first, and results; empty for those without.
type names struct {
	parameters, results []string
}

// names reads the package's source the first time, from a folder below the current one with the last part of the
// package's path as its name.
func (s sources) names(function string, signature reflect.Type) names {
	slash := strings.LastIndex(function, "/")
	dot := slash + 1 + strings.Index(function[slash+1:], ".")
	path, plain := function[:dot], function[dot+1:]
	functions, parsed := s[path]
	if !parsed {
		functions = parse(path[slash+1:])
		s[path] = functions
	}
	found, known := functions[plain]
	if !known || len(found.parameters) != signature.NumIn() || len(found.results) != signature.NumOut() {
		panic(fmt.Sprintf("%s with signature %v is not in the source", function, signature))
	}
	return found
}

func parse(folder string) map[string]names {
	packages, err := parser.ParseDir(token.NewFileSet(), folder, nil, 0)
	if err != nil {
		panic(err)
	}
	functions := map[string]names{}
	for _, p := range packages {
		for _, file := range p.Files {
			for _, declaration := range file.Decls {
				if f, is := declaration.(*ast.FuncDecl); is {
					functions[receiver(f)+f.Name.Name] = names{
						parameters: append(list(f.Recv), list(f.Type.Params)...),
						results:    list(f.Type.Results),
					}
				}
			}
		}
	}
	return functions
}

// receiver returns what stands before a method's name: `T.` or `(*T).`, without type parameters.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	switch t := f.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		return "(*" + base(t.X) + ")."
	default:
		return base(t) + "."
	}
}

// base returns a type's name without type parameters.
func base(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.IndexExpr:
		return base(t.X)
	}
	// A list of type parameters is a node that the oldest release does not know.
	return base(reflect.ValueOf(t).Elem().FieldByName("X").Interface().(ast.Expr))
}

func list(fields *ast.FieldList) []string {
	var all []string
	if fields == nil {
		return all
	}
	for _, field := range fields.List {
		if len(field.Names) == 0 {
			all = append(all, "")
		}
		for _, name := range field.Names {
			all = append(all, name.Name)
		}
	}
	return all
}
