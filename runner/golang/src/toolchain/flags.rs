//! Flags for `go build`, as a spec's `build.flags` and the environment's GOFLAGS give them.

use std::path::Path;

use super::{
    arguments::{split, undashed},
    error::BuildError,
    flag::{Flag, Place},
    gcflags::{self, Setting},
    list::Package,
};
use crate::GoRelease;

/// Flags of `go build` whose value may be an argument of its own.
const WITH_VALUE: &[&str] = &[
    "C",
    "asmflags",
    "buildmode",
    "compiler",
    "covermode",
    "coverpkg",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "o",
    "overlay",
    "p",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
];

/// Flags that decide which files a program consists of, so that `go list` needs them too.
const OF_LIST: &[&str] = &[
    "asan",
    "compiler",
    "mod",
    "modcacherw",
    "modfile",
    "msan",
    "overlay",
    "race",
    "tags",
];

/// Flags that many have in GOFLAGS, and the release (`go1.N`) that brought them: older ones refuse them.
const SINCE: &[(&str, u32)] = &[
    ("debug-trace", 16),
    ("overlay", 16),
    ("shuffle", 17),
    ("asan", 18),
    ("buildvcs", 18),
    ("fuzz", 18),
    ("fuzzminimizetime", 18),
    ("fuzztime", 18),
    ("C", 20),
    ("pgo", 20),
    ("skip", 20),
    ("debug-runtime-trace", 21),
    ("fullpath", 21),
    ("artifacts", 26),
];

/// Reads a list of arguments.
pub(super) fn parse(arguments: &[String], place: Place) -> Result<Vec<Flag>, BuildError> {
    let mut flags = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let named = undashed(argument);
        let Some(named) = named.filter(|name| !name.is_empty() && !name.starts_with(['-', '=']))
        else {
            return Err(BuildError::FlagRefused {
                flag: argument.clone(),
                place: place.name(),
                reason: "it is not a flag; the package is named by `package`, and each flag is an element of its own".to_owned(),
            });
        };
        let (name, value) = match named.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None if WITH_VALUE.contains(&named) => (named, arguments.next().cloned()),
            None => (named, None),
        };
        flags.push(Flag {
            name: name.to_owned(),
            value,
            place,
        });
    }
    Ok(flags)
}

/// What GOFLAGS must be set to so that the release takes it; none if it takes it as it is.
///
/// An empty GOFLAGS in the environment would not hide the one of `go env -w`, a space does.
pub(super) fn acceptable(goflags: &[String], release: &GoRelease) -> Option<String> {
    let (kept, dropped): (Vec<&String>, Vec<&String>) = goflags
        .iter()
        .partition(|argument| is_known(argument, release));
    if dropped.is_empty() {
        return None;
    }
    if kept.is_empty() {
        return Some(" ".to_owned());
    }
    let quoted: Vec<String> = kept
        .into_iter()
        .map(|argument| match argument.contains(char::is_whitespace) {
            true if argument.contains('\'') => format!("\"{argument}\""),
            true => format!("'{argument}'"),
            false => argument.clone(),
        })
        .collect();
    Some(quoted.join(" "))
}

/// Whether a release knows a flag, or it is none of those that came with a release that is supported.
pub(super) fn is_known(argument: &str, release: &GoRelease) -> bool {
    let name = argument.trim_start_matches('-');
    let name = name.split_once('=').map_or(name, |(name, _)| name);
    SINCE
        .iter()
        .all(|(newer, since)| name != *newer || release.minor() >= *since)
}

/// The arguments among the flags that `go list` needs too.
pub(super) fn for_list(flags: &[Flag]) -> impl Iterator<Item = String> {
    flags
        .iter()
        .filter(|flag| OF_LIST.contains(&flag.name.as_str()))
        .map(Flag::argument)
}

/// Refuses flags that goproctor does not support, whatever the package is.
pub(super) fn check(flags: &[Flag]) -> Result<(), BuildError> {
    for flag in flags {
        let value = flag.value.as_deref();
        let reason = match flag.name.as_str() {
            "o" => "goproctor decides where the binary goes",
            "C" => "go runs in the package's folder",
            "n" | "h" | "help" => "nothing would be built",
            "compiler" if value != Some("gc") => "only programs of the gc compiler are understood",
            "linkshared" => "goproctor cannot probe functions in shared libraries",
            "buildmode" if !matches!(value, Some("exe" | "pie" | "default")) => {
                "only a program can be run: exe, pie or default"
            }
            _ => continue,
        };
        return Err(flag.refused(reason));
    }
    Ok(())
}

/// Refuses linker flags that leave symbols or DWARF out of the program, `root`; `folder` is where go runs.
pub(super) fn check_linker(
    flags: &[Flag],
    root: &Package,
    folder: &Path,
) -> Result<(), BuildError> {
    let last = flags
        .iter()
        .filter(|flag| flag.name == "ldflags")
        .filter_map(|flag| Some((flag, Setting::parse(flag.value.as_deref()?, folder))))
        .rfind(|(_, setting)| setting.matches(root));
    let Some((flag, setting)) = last else {
        return Ok(());
    };
    for argument in split(&setting.flags) {
        if gcflags::is_set(&argument, "s") || gcflags::is_set(&argument, "w") {
            return Err(flag.refused(format!(
                "goproctor needs the symbols and the DWARF that {argument} drops: remove {argument} from -ldflags"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Flag, Place, acceptable, check, check_linker, for_list, parse};
    use crate::{
        GoRelease,
        toolchain::{arguments::split, gcflags::tests::package},
    };

    fn flags(arguments: &[&str]) -> Vec<Flag> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        parse(&arguments, Place::Spec).unwrap()
    }

    fn release(name: &str) -> GoRelease {
        name.parse().unwrap()
    }

    #[test]
    fn flags_are_read_in_all_their_forms() {
        let read = flags(&[
            "-race",
            "--tags=a,b",
            "-ldflags",
            "-X main.v=1",
            "-gcflags=all=-N",
        ]);
        let arguments: Vec<String> = read.iter().map(Flag::argument).collect();
        assert_eq!(
            arguments,
            [
                "-race",
                "-tags=a,b",
                "-ldflags=-X main.v=1",
                "-gcflags=all=-N"
            ]
        );
        assert_eq!(for_list(&read).collect::<Vec<_>>(), ["-race", "-tags=a,b"]);
    }

    #[test]
    fn what_is_no_flag_is_refused() {
        for argument in ["./other", "-", "--", "", "---x", "-=x"] {
            let error = parse(&[argument.to_owned()], Place::Spec).unwrap_err();
            assert!(error.to_string().contains("not a flag"), "{error}");
        }
    }

    #[test]
    fn old_releases_get_goflags_that_they_know() {
        let goflags = split("-buildvcs=false -mod=mod '-ldflags=-X a=b'");
        assert_eq!(acceptable(&goflags, &release("go1.18")), None);
        assert_eq!(
            acceptable(&goflags, &release("go1.17.13")).unwrap(),
            "-mod=mod '-ldflags=-X a=b'"
        );
        assert_eq!(
            acceptable(&split("-buildvcs=false"), &release("go1.16.15")).unwrap(),
            " "
        );
        assert_eq!(acceptable(&[], &release("go1.15")), None);
    }

    #[test]
    fn what_can_not_be_watched_is_refused() {
        for argument in [
            "-o=x",
            "-C=/tmp",
            "-n",
            "-buildmode=c-shared",
            "-compiler=gccgo",
        ] {
            let error = check(&flags(&[argument])).unwrap_err();
            assert!(error.to_string().contains(argument), "{error}");
        }
        assert!(
            check(&flags(&[
                "-buildmode=pie",
                "-v",
                "-trimpath",
                "-compiler=gc"
            ]))
            .is_ok()
        );
    }

    #[test]
    fn stripping_linker_flags_are_refused() {
        let root = package("a.test/shop", "/shop", true);
        let try_with =
            |arguments: &[&str]| check_linker(&flags(arguments), &root, Path::new("/shop"));
        for argument in [
            "-ldflags=-s -w",
            "-ldflags=-X a.b=c -w",
            "-ldflags=all=--s",
            "-ldflags=-w=1",
        ] {
            let error = try_with(&[argument]).unwrap_err();
            assert!(error.to_string().contains("remove"), "{error}");
        }
        assert!(try_with(&["-ldflags=-X main.s=-s"]).is_ok());
        assert!(try_with(&["-ldflags=other=-s"]).is_ok());
        assert!(
            try_with(&["-ldflags=-s", "-ldflags=-w=0"]).is_ok(),
            "the last one counts"
        );
    }
}
