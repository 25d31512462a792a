//! Snapshots that a merge left in conflict.

/// What both sides of a merge have in place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// The file as it is here.
    pub(super) ours: String,
    /// The file as it is on the branch that is merged.
    pub(super) theirs: String,
}

/// Which side a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Both,
    Ours,
    Base,
    Theirs,
}

/// What both sides have, if the file is in conflict: it has git's markers around each place. Where both have the same, both texts do.
pub(super) fn sides(file: &str) -> Option<Sides> {
    let mut sides = Sides {
        ours: String::new(),
        theirs: String::new(),
    };
    let (mut part, mut conflicts) = (Part::Both, 0);
    for line in file.split_inclusive('\n') {
        let is =
            |marker: &str| line.trim_end() == marker || line.starts_with(&format!("{marker} "));
        part = match part {
            Part::Both if is("<<<<<<<") => Part::Ours,
            Part::Ours if is("|||||||") => Part::Base,
            Part::Ours | Part::Base if is("=======") => Part::Theirs,
            Part::Theirs if is(">>>>>>>") => {
                conflicts += 1;
                Part::Both
            }
            Part::Both => {
                sides.ours.push_str(line);
                sides.theirs.push_str(line);
                continue;
            }
            Part::Ours => {
                sides.ours.push_str(line);
                continue;
            }
            Part::Base => continue,
            Part::Theirs => {
                sides.theirs.push_str(line);
                continue;
            }
        };
    }
    (conflicts > 0 && part == Part::Both).then_some(sides)
}

#[cfg(test)]
mod tests {
    use super::sides;

    const MERGED: &str = "\
---
source: held.proctor.toml
---
GET / → 200
<<<<<<< HEAD
  main.f(1) returned
||||||| base
  main.f(0) returned
=======
  main.f(2) returned
  main.g() returned
>>>>>>> topic
  main.h() returned
";

    #[test]
    fn both_sides_have_what_is_not_in_conflict() {
        let sides = sides(MERGED).unwrap();
        let begin = "---\nsource: held.proctor.toml\n---\nGET / → 200\n";
        assert_eq!(
            sides.ours,
            format!("{begin}  main.f(1) returned\n  main.h() returned\n")
        );
        assert_eq!(
            sides.theirs,
            format!("{begin}  main.f(2) returned\n  main.g() returned\n  main.h() returned\n")
        );
    }

    #[test]
    fn markers_that_are_not_whole_are_no_conflict() {
        assert_eq!(sides("a\n<<<<<<< HEAD\nb\n=======\nc\n"), None);
        assert_eq!(sides("a\n=======\nc\n>>>>>>> x\n"), None);
        assert_eq!(sides("a\n<<<<<<<x\n=======\n>>>>>>>x\n"), None);
        assert_eq!(sides(""), None);
    }
}
