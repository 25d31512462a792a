//! `//go:noinline` into the text of a source file, all lines keeping their numbers.
//!
//! The directive needs a line of its own. A plain comment or a blank line between the function and the declaration
//! before it gives up its place; where there is none, the directive comes as a new line, and a `/*line …*/` directive
//! puts the numbers right again. Both hold for Go 1.16 to 1.27, for DWARF and for `runtime.Caller` alike.

use std::{ops::Range, path::Path};

use super::source::DeclaredFunction;
use crate::GoRelease;

const HINT: &str = "//go:noinline";

/// The first version of the language whose loops have a variable for each round.
pub(super) const LOOP_VARIABLES_SINCE: u32 = 22;

/// Whether a release takes all loops behind a line directive for those of Go 1.22, whatever the `go` line says: it looks the version up by
/// the position's base, which the directive makes another one (`distinctVars` in cmd/compile/internal/noder/writer.go). Go 1.26 does no more.
pub(super) fn changes_loops(release: &GoRelease) -> bool {
    (LOOP_VARIABLES_SINCE..26).contains(&release.minor())
}

/// A file whose lines can't be kept in place: it has line directives of its own, or its path does not fit in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinesWouldMove;

/// The file's text with hints on some of its functions; none if they all have one already. `path` is the file's full
/// path.
pub(super) fn hint<'a>(
    text: &[u8],
    path: &Path,
    functions: impl IntoIterator<Item = &'a DeclaredFunction>,
) -> Result<Option<Vec<u8>>, LinesWouldMove> {
    // The whole text is looked at, so once for all functions.
    let directive_path = path_for_directives(text, path);
    let mut edits = Vec::new();
    for function in functions {
        match find_place(text, function) {
            Place::Hinted => {}
            Place::Line(line) => edits.push(Edit {
                range: line,
                replacement: HINT.to_owned(),
            }),
            Place::None => {
                let path = directive_path.ok_or(LinesWouldMove)?;
                edits.push(insertion(text, path, function));
            }
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    edits.sort_by_key(|edit| edit.range.start);
    Ok(Some(apply(text, &edits)))
}

/// The file's text with a directive that names `path` as its place, so that go's errors do not name the file that replaces it: of a file
/// of an overlay, neither the compiler nor `go vet` does that by itself. As it is where it has a directive of its own there.
pub(super) fn named(text: Vec<u8>, path: &Path) -> Vec<u8> {
    let clause = package_clause(&text).filter(|clause| {
        let before = text.get(..*clause).unwrap_or_default();
        !has_line_directives(before)
    });
    let (Some(path), Some(offset)) = (in_directive(path), clause) else {
        return text;
    };
    let before = text.get(..offset).unwrap_or_default();
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = column(&text, offset);
    let edit = Edit {
        range: offset..offset,
        replacement: format!("/*line {path}:{line}:{column}*/"),
    };
    apply(&text, &[edit])
}

/// Where the word `package` is: behind comments.
fn package_clause(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let comment_end: &[u8] = match rest {
            [b'/', b'/', ..] => b"\n",
            [b'/', b'*', ..] => b"*/",
            _ if rest.starts_with(b"package") => return Some(at),
            [byte, ..] if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => return None,
        };
        let mut ends = rest.windows(comment_end.len()).skip(2);
        at += 2 + ends.position(|bytes| bytes == comment_end)? + comment_end.len();
    }
}

struct Edit {
    range: Range<usize>,
    replacement: String,
}

fn apply(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut edited = Vec::with_capacity(text.len() + 64 * edits.len());
    let mut done = 0;
    for edit in edits {
        edited.extend_from_slice(text.get(done..edit.range.start).unwrap_or_default());
        edited.extend_from_slice(edit.replacement.as_bytes());
        done = edit.range.end;
    }
    edited.extend_from_slice(text.get(done..).unwrap_or_default());
    edited
}

/// Where a function's hint goes.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// It has one.
    Hinted,
    /// In place of this line.
    Line(Range<usize>),
    /// No line can be spared.
    None,
}

/// Looks for a line between a function and the declaration before it, the nearest first.
fn find_place(text: &[u8], function: &DeclaredFunction) -> Place {
    let mut place = Place::None;
    for line in whole_lines(text, &function.above) {
        let content = text.get(line.clone()).unwrap_or_default();
        match classify(content) {
            Line::Hint => return Place::Hinted,
            Line::Spare => place = Place::Line(line),
            Line::Kept => {}
        }
    }
    place
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Hint,
    Spare,
    Kept,
}

fn classify(content: &[u8]) -> Line {
    if content.trim_ascii_end() == HINT.as_bytes() {
        return Line::Hint;
    }
    match content.trim_ascii().strip_prefix(b"//") {
        Some(comment) if is_directive(comment) => Line::Kept,
        Some(_) => Line::Spare,
        None if content.trim_ascii().is_empty() => Line::Spare,
        None => Line::Kept,
    }
}

/// Whether what follows `//` makes it a directive: `go:nosplit`, `nolint:all`, `line f.go:1`, `export F` (go/ast).
fn is_directive(comment: &[u8]) -> bool {
    if [&b"line "[..], b"extern ", b"export "]
        .iter()
        .any(|word| comment.starts_with(word))
    {
        return true;
    }
    let is_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let Some(colon) = comment.iter().position(|&byte| byte == b':') else {
        return false;
    };
    colon > 0 && comment[..colon].iter().all(is_word) && comment.get(colon + 1).is_some_and(is_word)
}

/// The lines, without their ends, that lie wholly within a range of comments and blanks and hold no part of a block
/// comment.
fn whole_lines(text: &[u8], range: &Range<usize>) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    // Where the line that is being read began; none while it is not ours alone.
    let mut start = (range.start == 0).then_some(0);
    let mut at = range.start;
    while at < range.end {
        let rest = text.get(at..range.end).unwrap_or_default();
        if rest.starts_with(b"/*") {
            start = None;
            let length = rest.windows(2).skip(2).position(|pair| pair == b"*/");
            at += length.map_or(rest.len(), |length| length + 4);
        } else if rest.starts_with(b"//") {
            at += rest
                .iter()
                .position(|&byte| byte == b'\n')
                .unwrap_or(rest.len());
        } else if rest.starts_with(b"\n") {
            lines.extend(start.map(|start| start..at));
            at += 1;
            start = Some(at);
        } else {
            if !rest.first().is_some_and(u8::is_ascii_whitespace) {
                start = None;
            }
            at += 1;
        }
    }
    lines
}

/// The path as a line directive takes it; none if it fits in none, or if the file has line directives of its own.
fn path_for_directives<'p>(text: &[u8], path: &'p Path) -> Option<&'p str> {
    in_directive(path).filter(|_| !has_line_directives(text))
}

/// A new line before a function, and a directive that gives the function back its line and column.
fn insertion(text: &[u8], path: &str, function: &DeclaredFunction) -> Edit {
    let offset = function.offset;
    let column = column(text, offset);
    let new_line = if column == 1 { "" } else { "\n" };
    Edit {
        range: offset..offset,
        replacement: format!(
            "{new_line}{HINT}\n/*line {path}:{}:{column}*/",
            function.line
        ),
    }
}

/// A path as a directive has it, if it fits in one.
fn in_directive(path: &Path) -> Option<&str> {
    let path = path.to_str()?;
    let fits = !path.contains("*/") && !path.contains(['\n', '\r']);
    fits.then_some(path)
}

/// The column of a byte, from 1.
fn column(text: &[u8], offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let newline = before.iter().rposition(|&byte| byte == b'\n');
    offset - newline.map_or(0, |newline| newline + 1) + 1
}

fn has_line_directives(text: &[u8]) -> bool {
    text.windows(7)
        .any(|bytes| bytes == b"//line " || bytes == b"/*line ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{LinesWouldMove, hint, is_directive};
    use crate::toolchain::source::PackageReader;

    /// The text with hints on all of its functions that have a body.
    fn hinted(text: &str) -> Result<Option<String>, LinesWouldMove> {
        let path = Path::new("/shop/main.go");
        let mut reader = PackageReader::new("main").unwrap();
        reader.read(path, text.as_bytes());
        let functions = reader.functions.iter().filter(|f| f.has_body);
        Ok(hint(text.as_bytes(), path, functions)?.map(|bytes| String::from_utf8(bytes).unwrap()))
    }

    fn assert_hinted(before: &str, after: &str) {
        assert_eq!(hinted(before).unwrap().unwrap(), after);
    }

    #[test]
    fn a_comments_last_line_gives_up_its_place() {
        assert_hinted(
            "package main\n\n// f does.\n// Much.\nfunc f() {}\n",
            "package main\n\n// f does.\n//go:noinline\nfunc f() {}\n",
        );
    }

    #[test]
    fn so_does_a_blank_line() {
        assert_hinted(
            "package main\n\nfunc f() {}\n",
            "package main\n//go:noinline\nfunc f() {}\n",
        );
        assert_hinted(
            "package main\n \t\r\nfunc f() {}\n",
            "package main\n//go:noinline\nfunc f() {}\n",
        );
    }

    #[test]
    fn directives_stay() {
        assert_hinted(
            "package main\n\n// f does.\n//\n//go:nosplit\n//nolint:all\nfunc f() {}\n",
            "package main\n\n// f does.\n//go:noinline\n//go:nosplit\n//nolint:all\nfunc f() {}\n",
        );
        assert_hinted(
            "package main\n//go:nosplit\nfunc f() {}\n",
            "package main\n//go:nosplit\n//go:noinline\n/*line /shop/main.go:3:1*/func f() {}\n",
        );
    }

    #[test]
    fn a_hint_that_is_there_is_enough() {
        assert_eq!(
            hinted("package main\n\n//go:noinline\n\n// f does.\nfunc f() {}\n"),
            Ok(None)
        );
        assert_eq!(hinted("package main\n\nfunc f()\n"), Ok(None));
    }

    #[test]
    fn without_a_line_to_spare_numbers_are_put_right() {
        assert_hinted(
            "package main\nfunc f() {}\nfunc g() {} // g\nfunc h() {}; func i() {}\n",
            "package main\n\
             //go:noinline\n/*line /shop/main.go:2:1*/func f() {}\n\
             //go:noinline\n/*line /shop/main.go:3:1*/func g() {} // g\n\
             //go:noinline\n/*line /shop/main.go:4:1*/func h() {}; \n\
             //go:noinline\n/*line /shop/main.go:4:14*/func i() {}\n",
        );
    }

    #[test]
    fn block_comments_stay_whole() {
        assert_hinted(
            "package main\n/* f\n\n// does */\nfunc f() {}\n",
            "package main\n/* f\n\n// does */\n//go:noinline\n/*line /shop/main.go:5:1*/func f() {}\n",
        );
        assert_hinted(
            "package main\n/* f\n does */ func f() {}\n",
            "package main\n/* f\n does */ \n//go:noinline\n/*line /shop/main.go:3:10*/func f() {}\n",
        );
        assert_hinted(
            "package main\n\n/**/ // f\n/* does */\nfunc f() {}\n",
            "package main\n//go:noinline\n/**/ // f\n/* does */\nfunc f() {}\n",
        );
    }

    #[test]
    fn blank_lines_in_strings_are_not_touched() {
        assert_hinted(
            "package main\nvar a = `\n\n// x\n`\nfunc f() {}\n",
            "package main\nvar a = `\n\n// x\n`\n//go:noinline\n/*line /shop/main.go:6:1*/func f() {}\n",
        );
    }

    #[test]
    fn lines_that_are_told_by_directives_are_left_alone() {
        assert_eq!(
            hinted("package main\n//line a.y:7\nfunc f() {}\n"),
            Err(LinesWouldMove)
        );
        assert_hinted(
            "package main\n//line a.y:7\n\nfunc f() {}\n",
            "package main\n//line a.y:7\n//go:noinline\nfunc f() {}\n",
        );
    }

    #[test]
    fn a_file_is_named_where_its_package_is() {
        let named = |text: &str| {
            let path = Path::new("/shop/main.go");
            String::from_utf8(super::named(text.into(), path)).unwrap()
        };
        assert_eq!(
            named("//go:build linux\n\n/* a\npackage */ // b\n/**/ package main\n"),
            "//go:build linux\n\n/* a\npackage */ // b\n/**/ /*line /shop/main.go:5:6*/package main\n"
        );
        for other in [
            "//line a.y:7\npackage main\n",
            "// only a comment",
            "func f() {}\n",
            "/* no end",
        ] {
            assert_eq!(named(other), other);
        }
    }

    #[test]
    fn directives_are_told_from_words() {
        for directive in [
            "go:nosplit",
            "line a.go:1",
            "export F",
            "nolint:all",
            "lint3:x",
        ] {
            assert!(is_directive(directive.as_bytes()), "{directive}");
        }
        for words in [
            "",
            " go:nosplit",
            "see https://x",
            "Note:this",
            "a: b",
            "TODO: x",
            ":x",
            "lines",
        ] {
            assert!(!is_directive(words.as_bytes()), "{words}");
        }
    }

    #[test]
    fn damaged_sources_do_no_harm() {
        let path = Path::new("/names/main.go");
        let text = include_bytes!("../../../../go-fixtures/base/names/main.go");
        for at in (0..text.len()).step_by(11) {
            let mut damaged = text.to_vec();
            damaged[at] = b"\0{}(/*`\n\"\xff"[at % 9];
            for text in [&text[..at], &damaged] {
                let mut reader = PackageReader::new("main").unwrap();
                reader.read(path, text);
                if let Ok(Some(hinted)) = hint(text, path, &reader.functions) {
                    assert!(hinted.windows(13).any(|bytes| bytes == b"//go:noinline"));
                }
            }
        }
    }
}
