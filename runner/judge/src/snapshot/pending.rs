//! Snapshots that wait for somebody to decide: new ones, and those that a merge left in conflict.

use std::path::{Path, PathBuf};

use super::{
    conflict, file,
    rest::Rest,
    store::{ACCEPTED, NEW, Store, StoreError, accept, content, read_file, remove, write},
};

/// A snapshot that waits for somebody to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The test's name.
    pub test: String,
    /// The file name of its spec.
    pub spec: String,
    /// Where the accepted one is, or will be.
    pub path: PathBuf,
    /// Where the new one is, or would be.
    pub new_path: PathBuf,
    /// The accepted one.
    pub accepted: Accepted,
    /// The new one; none where only a conflict waits.
    pub new: Option<String>,
    /// How the rest of the test went.
    pub rest: Rest,
}

/// The snapshot that is accepted so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// None.
    Nothing,
    /// This text.
    Text(String),
    /// A merge left two.
    Conflict {
        /// The one that was here.
        ours: String,
        /// The one of the branch that is merged.
        theirs: String,
    },
}

/// One of the two texts of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that was here.
    Ours,
    /// The one of the branch that is merged.
    Theirs,
}

/// What both files were before a decision, to take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    path: PathBuf,
    accepted: Option<String>,
    new_path: PathBuf,
    new: Option<String>,
}

impl Store {
    /// The snapshots of this spec that wait for somebody to decide, by file name.
    ///
    /// # Errors
    /// The folder or a file can't be read, or a file is no snapshot.
    pub fn pending(&self) -> Result<Vec<Pending>, StoreError> {
        let mut pending: Vec<Pending> = Vec::new();
        for path in self.files()? {
            let accepted = accepted_path(&path);
            if pending.iter().any(|pending| pending.path == accepted) {
                continue;
            }
            pending.extend(Pending::at(&accepted)?);
        }
        Ok(pending)
    }
}

/// Where the accepted snapshot is, beside a new one or itself.
fn accepted_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name
        .strip_suffix(NEW)
        .or_else(|| name.strip_suffix(ACCEPTED));
    path.with_file_name(format!("{}{ACCEPTED}", stem.unwrap_or(&name)))
}

impl Pending {
    /// What waits at an accepted snapshot's place or beside it; none if nothing does.
    ///
    /// # Errors
    /// A file can't be read, or is no snapshot.
    pub fn at(path: &Path) -> Result<Option<Self>, StoreError> {
        let path = accepted_path(path);
        let new_path = path.with_extension("snap.new");
        let accepted_file = read_file(&path)?;
        let new_file = read_file(&new_path)?;
        let accepted = match &accepted_file {
            None => Accepted::Nothing,
            Some(file) => match conflict::sides(file) {
                Some(sides) => Accepted::Conflict {
                    ours: content(&path, &sides.ours)?,
                    theirs: content(&path, &sides.theirs)?,
                },
                None => Accepted::Text(content(&path, file)?),
            },
        };
        let new = new_file.as_deref().map(|file| content(&new_path, file));
        let new = new.transpose()?;
        let is_conflict = matches!(accepted, Accepted::Conflict { .. });
        let is_news = match (&accepted, &new) {
            (_, None) => false,
            // A decision was interrupted between its two steps.
            (Accepted::Text(accepted), Some(new)) => accepted != new,
            (_, Some(_)) => true,
        };
        if !is_conflict && !is_news {
            return Ok(None);
        }
        let resolved = accepted_file.as_deref().and_then(conflict::sides);
        let resolved = resolved.map(|sides| sides.ours).or(accepted_file);
        let header = |key: &str| {
            let files = [new_file.as_deref(), resolved.as_deref()];
            let mut found = files.into_iter().flatten();
            found.find_map(|file| file::header(file, key))
        };
        Ok(Some(Self {
            test: header("expression").unwrap_or_default(),
            spec: header("source").unwrap_or_default(),
            rest: new_file.as_deref().map(Rest::of).unwrap_or_default(),
            path,
            new_path,
            accepted,
            new,
        }))
    }

    /// Whether a merge left it in conflict.
    #[must_use]
    pub const fn is_in_conflict(&self) -> bool {
        matches!(self.accepted, Accepted::Conflict { .. })
    }

    /// Makes the new snapshot the accepted one. It is not asked how the rest of the test went.
    ///
    /// # Errors
    /// There is no new one, it is another than this, or a file can't be written.
    pub fn accept(&self) -> Result<Kept, StoreError> {
        let kept = self.unchanged()?;
        accept(&self.new_path, &self.path)?;
        Ok(kept)
    }

    /// Removes the new snapshot.
    ///
    /// # Errors
    /// It is another than this, or can't be removed.
    pub fn reject(&self) -> Result<Kept, StoreError> {
        let kept = self.unchanged()?;
        remove(&self.new_path)?;
        Ok(kept)
    }

    /// Ends a conflict with one of its sides. A new snapshot stays, to be decided of by itself; one that is the same as that side goes.
    ///
    /// # Errors
    /// The file is another than this, or can't be written.
    pub fn resolve(&self, side: Side) -> Result<Kept, StoreError> {
        let kept = self.unchanged()?;
        let sides = kept.accepted.as_deref().and_then(conflict::sides);
        let Some(sides) = sides else {
            return Err(StoreError::Changed {
                path: self.path.clone(),
            });
        };
        let text = match side {
            Side::Ours => sides.ours,
            Side::Theirs => sides.theirs,
        };
        write(&self.path, &text)?;
        if self.new.is_some() && file::content(&text) == self.new {
            remove(&self.new_path)?;
        }
        Ok(kept)
    }

    /// What both files are, if they are still what this says.
    fn unchanged(&self) -> Result<Kept, StoreError> {
        match Self::at(&self.path)? {
            Some(now) if now == *self => Ok(Kept {
                accepted: read_file(&self.path)?,
                new: read_file(&self.new_path)?,
                path: self.path.clone(),
                new_path: self.new_path.clone(),
            }),
            _ => Err(StoreError::Changed {
                path: match self.new {
                    Some(_) => self.new_path.clone(),
                    None => self.path.clone(),
                },
            }),
        }
    }
}

impl Kept {
    /// Makes both files what they were.
    ///
    /// # Errors
    /// A file can't be written or removed.
    pub fn restore(&self) -> Result<(), StoreError> {
        // The new one first: what is interrupted then waits, and is not lost.
        for (path, text) in [(&self.new_path, &self.new), (&self.path, &self.accepted)] {
            match text {
                Some(text) => write(path, text)?,
                None => remove(path)?,
            }
        }
        Ok(())
    }
}
