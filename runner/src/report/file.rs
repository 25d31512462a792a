//! The file that a report is written to.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use keeper::whole_file::WholeFile;

/// A file for a report, which is known to be writable before anything is run. It is there whole or not at all: neither half of a
/// report nor the one of an earlier run is taken for this one's.
#[derive(Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    File(WholeFile),
    /// A pipe, a terminal: what has no place to be put at.
    Stream(File),
}

/// A file for a report can't be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {error}", path.display())]
pub(crate) struct ReportFileError {
    path: PathBuf,
    error: io::Error,
}

impl ReportFile {
    /// Opens it; what an earlier run left there is removed.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn open(path: &Path) -> Result<Self, ReportFileError> {
        let target = target(path).map_err(|error| ReportFileError {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            target,
        })
    }

    /// Writes the report.
    ///
    /// # Errors
    /// It can't be written; the error names the file.
    pub(super) fn write(self, text: &str) -> io::Result<()> {
        let written = match self.target {
            Target::File(mut file) => {
                let written = file.file().write_all(text.as_bytes());
                written.and_then(|()| file.commit())
            }
            Target::Stream(mut stream) => stream.write_all(text.as_bytes()),
        };
        written.map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        })
    }
}

fn target(path: &Path) -> io::Result<Target> {
    // A link is followed: the report goes where it leads.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let begun = || WholeFile::create(&place, ".report-").map(Target::File);
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Err(io::Error::from_raw_os_error(libc::EISDIR)),
        Ok(about) if about.is_file() => {
            let begun = begun()?;
            fs::remove_file(&place)?;
            Ok(begun)
        }
        Ok(_) => {
            let stream = OpenOptions::new().write(true).open(path)?;
            Ok(Target::Stream(stream))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => begun(),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::ReportFile;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_report_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("junit.xml");
        fs::write(&path, "of an earlier run").unwrap();
        let file = ReportFile::open(&path).unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        ReportFile::open(&path).unwrap().write("<a/>").unwrap();
        assert_eq!(names(folder.path()), ["junit.xml"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "<a/>");
    }

    #[test]
    fn a_link_leads_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("real.xml");
        fs::write(&file, "").unwrap();
        let link = folder.path().join("link.xml");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        ReportFile::open(&link).unwrap().write("<a/>").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "<a/>");
        assert!(link.is_symlink());
    }

    #[test]
    fn devices_are_written_to_and_never_replaced() {
        ReportFile::open(Path::new("/dev/null"))
            .unwrap()
            .write("<a/>")
            .unwrap();
        let about = fs::metadata("/dev/null").unwrap();
        assert!(!about.is_file());
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [
            folder.path().join("none/a.xml"),
            folder.path().into(),
            file.join("a.xml"),
        ] {
            let error = ReportFile::open(&path).unwrap_err().to_string();
            let begin = format!("cannot write {}: ", path.display());
            assert!(error.starts_with(&begin), "{error}");
            assert!(!error.contains(".report-"), "{error}");
        }
        assert_eq!(names(folder.path()), ["file"]);
    }
}
