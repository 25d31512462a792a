//! Declarations read out of source.

use super::*;

const SOURCE: &str = r#"package shop

import (
	"net/http"
	y "gopkg.in/yaml.v3"
)

func plain(a, b int, _ string, c ...[]byte) (n int, err error) { return }
func unnamed(int, *http.Request, [2]Grid, map[string][]y.Node) (<-chan int, error)
func (s *Cart[K]) Put(k K, f func(http.ResponseWriter, ...string) (int, error)) interface{} {
	type local int
	return func(l local, c chan<- struct{}, d chan (<-chan int)) any { return nil }
}
func combine(h *Cart, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 int64) (h10, h11, _ int64) { return }
func (Cart) odd(a [size]int, b struct{ X int }, c func()) *(Cart) { return nil }
"#;

fn at(text: &str) -> String {
    let offset = SOURCE.find(text).unwrap();
    let declaration = Declaration::at_offset(SOURCE.as_bytes(), offset, "shop");
    declaration.unwrap().to_string()
}

#[test]
fn a_list_has_an_entry_for_each_name() {
    assert_eq!(
        at("func plain"),
        "(a int, b int, string, c [][]byte) (n int, err error)"
    );
    assert_eq!(
        at("func unnamed"),
        "(int, *http.Request, [2]Grid, map[string][]y.Node) (<-chan int, error)"
    );
}

#[test]
fn either_all_entries_have_names_or_none() {
    let names: Vec<_> = (0..10).map(|n| format!("h{n} int64")).collect();
    assert_eq!(
        at("func combine"),
        format!(
            "(h *Cart, {}) (h10 int64, h11 int64, int64)",
            names.join(", ")
        )
    );
}

#[test]
fn what_has_no_name_in_the_binary_is_kept_as_text() {
    assert_eq!(
        at("func (s *Cart"),
        "(s *Cart[K], k K, f func(http.ResponseWriter, ...string) (int, error)) interface {}"
    );
    let literal = Declaration::at_offset(
        SOURCE.as_bytes(),
        SOURCE.find("func(l local").unwrap(),
        "shop",
    )
    .unwrap();
    assert_eq!(
        literal.to_string(),
        "(l local, c chan<- struct {}, d chan (<-chan int)) any"
    );
    assert_eq!(
        literal.parameters[0].ty,
        TypeText::Other("local".to_owned())
    );
    assert_eq!(
        at("func (Cart) odd"),
        "(Cart, a [size]int, b struct { X int }, c func()) *Cart"
    );
}

#[test]
fn broken_sources_give_nothing_or_something_but_no_panic() {
    for end in 0..SOURCE.len() {
        for (offset, _) in SOURCE[..end].match_indices("func") {
            let _ = Declaration::at_offset(&SOURCE.as_bytes()[..end], offset, "shop");
        }
    }
    assert_eq!(Declaration::at_offset(b"func", 1 << 40, "main"), None);
}
