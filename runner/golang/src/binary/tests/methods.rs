//! The methods of errors' types, by what is written in a program.

use model::ErrorMethods;

use super::{types::everything, *};

const ERRORS: &str = r#"package main

import (
	"fmt"
	"os"
	"syscall"
)

type Plain struct{ Code int }

func (Plain) Error() string { return "plain" }

type Like struct{ Plain }

func (*Like) Is(error) bool { return true }

type Number int

func (Number) Error() string      { return "number" }
func (Number) Unwrap() error      { return os.ErrNotExist }
func (Number) unwrap() error      { return nil }
func (Number) As(interface{}) bool { return false }

type Many map[string]error

func (Many) Error() string      { return "many" }
func (Many) Is(error) bool      { return false }

type List []error

func (List) Error() string { return "list" }

type Call func(string) error

func (Call) Error() string { return "call" }
func (Call) Unwrap() error { return nil }

type Four [4]byte

func (Four) Error() string { return "four" }
func (Four) Is(error) bool { return true }

type Wait chan int

func (Wait) Error() string { return "wait" }
func (Wait) Unwrap() error { return nil }

type Promoted struct {
	*os.PathError
	syscall.Errno
}

func (Promoted) Error() string { return "promoted" }

type NoError struct{}

func (NoError) Is(error) bool { return true }

//go:noinline
func give(all ...interface{}) { fmt.Println(all...) }

func main() {
	give(Plain{}, &Plain{}, Like{}, &Like{}, Number(1), Many{}, List{}, Call(nil), Four{}, make(Wait), Promoted{},
		&Promoted{}, NoError{}, syscall.ENOENT, os.ErrNotExist, &os.PathError{}, 5)
}
"#;

#[test]
fn an_error_has_the_methods_that_its_source_says() {
    for release in RELEASES.into_iter().chain(["go1.24.13"]) {
        let binary = Program::build(release, "1.15", ERRORS, &[]).open();
        let description = everything(&binary, &[]);
        let types = &description.types;
        let methods = |name: &str| {
            let mut dynamic = description.dynamic.iter();
            let known = dynamic.find(|known| types.name(known.ty) == name);
            let known = known.unwrap_or_else(|| panic!("{name} with {release}"));
            types.error_methods(known.ty).map(|methods| {
                let ErrorMethods { is, r#as, unwrap } = methods;
                (is, r#as, unwrap)
            })
        };
        let path_error = match binary.release().minor() {
            15 => "*os.PathError",
            _ => "*io/fs.PathError",
        };
        for (name, expected) in [
            ("main.Plain", Some((false, false, false))),
            ("*main.Plain", Some((false, false, false))),
            ("main.Like", Some((false, false, false))),
            ("*main.Like", Some((true, false, false))),
            ("main.Number", Some((false, true, true))),
            ("main.Many", Some((true, false, false))),
            ("main.List", Some((false, false, false))),
            ("main.Call", Some((false, false, true))),
            ("main.Four", Some((true, false, false))),
            ("main.Wait", Some((false, false, true))),
            ("main.Promoted", Some((true, false, true))),
            ("*main.Promoted", Some((true, false, true))),
            ("main.NoError", None),
            ("int", None),
            ("syscall.Errno", Some((true, false, false))),
            ("*errors.errorString", Some((false, false, false))),
            (path_error, Some((false, false, true))),
        ] {
            assert_eq!(methods(name), expected, "{name} with {release}");
        }
    }
}
