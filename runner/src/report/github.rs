//! A run for GitHub Actions: workflow commands that make annotations at the lines of specs, and the job's summary as Markdown.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use judge::expect::{Finding, Verdict};
use model::Races;
use spec::{Source, Span, SpecErrors};

use super::{
    Display, Event, TestOutcome, TestReport,
    finding::finding_lines,
    markdown::{block, code, escaped, html},
    plain::plain_text,
};

/// How many annotations GitHub shows of a step.
const MAX_ANNOTATIONS: usize = 10;

/// How large the summary of a step may be, in bytes; GitHub refuses a larger one as a whole.
const MAX_SUMMARY: usize = 1 << 20;

/// What is left of that for what comes after the details.
const RESERVE: usize = 4 << 10;

/// How wide errors of specs are.
const ERROR_WIDTH: usize = 100;

/// How a test went that passed, but not in its first attempt: a warning, where all else is an error.
const FLAKY: &str = "FLAKY";

/// What a job of GitHub Actions is told by its environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct GitHubJob {
    /// The folder that paths of annotations start from, if it is said.
    pub(crate) workspace: Option<PathBuf>,
    /// The file that the step's summary is written to, if there is one.
    pub(crate) summary: Option<PathBuf>,
}

/// Shows a run to GitHub Actions when it has ended.
pub(crate) struct GitHub<W> {
    out: W,
    job: GitHubJob,
    entries: Vec<Entry>,
    details: Vec<Detail>,
}

/// Something that is wrong.
struct Entry {
    /// How the test went: `FAIL`.
    word: &'static str,
    /// What it is about: `site › the answer is prepared`.
    title: String,
    place: Option<Place>,
    message: String,
}

/// A place in a spec.
struct Place {
    /// As the command line names it.
    path: PathBuf,
    line: usize,
    extent: Extent,
}

enum Extent {
    /// Columns within the line, the last one included, in characters from 1.
    Columns(usize, usize),
    /// It ends in a later line.
    ToLine(usize),
}

/// All that is said of a test or a spec.
struct Detail {
    heading: String,
    text: String,
}

impl<W: Write> GitHub<W> {
    /// Writes annotations to `out`.
    pub(crate) const fn new(out: W, job: GitHubJob) -> Self {
        Self {
            out,
            job,
            entries: Vec::new(),
            details: Vec::new(),
        }
    }

    fn spec(&mut self, errors: &SpecErrors) {
        let title = errors.source.stem();
        for error in &errors.errors {
            let mut message = error.message.clone();
            if let Some(help) = &error.help {
                message.push_str(&format!("\n{help}"));
            }
            let span = error.span.clone().unwrap_or_default();
            self.entries.push(Entry {
                word: "ERROR",
                title: title.clone(),
                place: Some(place(&errors.source, &span)),
                message,
            });
        }
        self.details.push(Detail {
            heading: format!("ERROR {title}"),
            text: errors.render(false, true, ERROR_WIDTH),
        });
    }

    fn test(&mut self, report: &TestReport) -> io::Result<()> {
        let word = match report.outcome() {
            // What is wrong with a spec is said once, not for each of its tests.
            TestOutcome::Passed | TestOutcome::WrongSpec => return Ok(()),
            TestOutcome::Flaky => return self.flaky(report),
            TestOutcome::Failed => "FAIL",
            TestOutcome::Inconclusive => "UNKNOWN",
            TestOutcome::CouldNotRun => "ERROR",
        };
        let title = format!("{} › {}", report.spec.stem(), report.name);
        let entry = |span: &Span, message: String| Entry {
            word,
            title: title.clone(),
            place: Some(place(&report.spec, span)),
            message,
        };
        match &report.could_not_run {
            Some(reason) => {
                let span = report.place.clone().unwrap_or_default();
                self.entries.push(entry(&span, reason.clone()));
            }
            None => {
                let verdicts = report.verdicts.iter();
                let wrong =
                    verdicts.filter(|verdict| !matches!(verdict.finding, Finding::Passed { .. }));
                let entries =
                    wrong.map(|verdict| entry(&verdict.span, finding_lines(verdict).join("\n")));
                self.entries.extend(entries);
            }
        }
        self.details.push(Detail {
            heading: format!("{word} {title}"),
            text: plain_text(report)?,
        });
        Ok(())
    }

    /// A test that passed, but not in its first attempt, is a warning at what did not hold in the first that failed.
    fn flaky(&mut self, report: &TestReport) -> io::Result<()> {
        let is_wrong = |verdict: &&Verdict| !matches!(verdict.finding, Finding::Passed { .. });
        let mut attempts = report.attempts();
        let wrong = attempts.find_map(|attempt| {
            let wrong = attempt.verdicts.iter().find(is_wrong)?;
            Some((attempt, wrong))
        });
        let Some((attempt, wrong)) = wrong else {
            return Ok(());
        };
        let title = format!("{} › {}", report.spec.stem(), report.name);
        let count = report.attempt_count();
        self.entries.push(Entry {
            word: FLAKY,
            title: title.clone(),
            place: Some(place(&report.spec, &wrong.span)),
            message: format!(
                "passed in attempt {} of {count}; attempt {}: {}",
                report.attempt,
                attempt.attempt,
                finding_lines(wrong).join("\n")
            ),
        });
        self.details.push(Detail {
            heading: format!("{FLAKY} {title}"),
            text: plain_text(attempt)?,
        });
        Ok(())
    }

    fn races(&mut self, spec: &Source, races: &Races) {
        let reports: Vec<&str> = races
            .reports
            .iter()
            .map(|race| race.text.as_str())
            .collect();
        let title = spec.stem();
        self.details.push(Detail {
            heading: format!("FAIL {title}"),
            text: reports.join("\n"),
        });
        self.entries.push(Entry {
            word: "FAIL",
            title,
            place: Some(place(spec, &Span::default())),
            message: format!(
                "the race detector reported {} after the last test",
                match races.total() {
                    1 => "a data race".to_owned(),
                    several => format!("{several} data races"),
                }
            ),
        });
    }

    /// Prints the annotations and writes the summary.
    fn end(&mut self, result: &str) -> io::Result<()> {
        for entry in self.entries.iter().take(MAX_ANNOTATIONS) {
            let command = annotation(entry, self.job.workspace.as_deref());
            writeln!(self.out, "{command}")?;
        }
        self.out.flush()?;
        if let Some(path) = &self.job.summary {
            // The verdicts don't depend on it.
            if let Err(error) = self.append(path, result) {
                let path = path.display();
                eprintln!("goproctor: cannot write the step summary {path}: {error}");
            }
        }
        Ok(())
    }

    fn append(&self, path: &Path, result: &str) -> io::Result<()> {
        let before = fs::metadata(path).map_or(0, |about| about.len());
        let room = MAX_SUMMARY.saturating_sub(usize::try_from(before).unwrap_or(MAX_SUMMARY));
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(self.markdown(result, room).as_bytes())
    }

    /// The summary in so many bytes.
    fn markdown(&self, result: &str, room: usize) -> String {
        let mut text = format!("### goproctor: {}\n\n", escaped(result));
        if self.entries.is_empty() {
            return text;
        }
        let room = room.saturating_sub(RESERVE);
        let mut left_out = 0;
        let mut add = |text: &mut String, part: &str| match text.len() + part.len() <= room {
            true => text.push_str(part),
            false => left_out += 1,
        };
        text.push_str("| | test | place | |\n|---|---|---|---|\n");
        for entry in &self.entries {
            add(&mut text, &row(entry, self.job.workspace.as_deref()));
        }
        text.push('\n');
        for detail in &self.details {
            let (heading, block) = (html(&detail.heading), block(detail.text.trim_end()));
            let part =
                format!("<details><summary>{heading}</summary>\n\n{block}\n\n</details>\n\n");
            add(&mut text, &part);
        }
        if left_out > 0 {
            text.push_str(&format!(
                "GitHub takes no longer summary; {left_out} more parts are in the log.\n\n"
            ));
        }
        text
    }
}

impl<W: Write> Display for GitHub<W> {
    fn show(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { .. } | Event::TestStarted { .. } | Event::SpecEnded { .. } => {
                Ok(())
            }
            Event::SpecWrong(errors) => {
                self.spec(errors);
                Ok(())
            }
            Event::TestEnded(report) => self.test(report),
            Event::RacedAfterTests { spec, races } => {
                self.races(spec, races);
                Ok(())
            }
            Event::RunEnded(summary) => self.end(&summary.to_string()),
            Event::RunBroke { reason, exit: _ } => {
                self.entries.push(Entry {
                    word: "ERROR",
                    title: "goproctor".to_owned(),
                    place: None,
                    message: reason.to_owned(),
                });
                self.end("the run did not end")
            }
        }
    }
}

fn place(source: &Source, span: &Span) -> Place {
    let (line, column) = source.position(span.start);
    let (last_line, end) = source.position(span.end.max(span.start));
    Place {
        path: source.path.clone(),
        line,
        extent: match last_line == line {
            true => Extent::Columns(column, end.saturating_sub(1).max(column)),
            false => Extent::ToLine(last_line),
        },
    }
}

/// `::error file=site.proctor.toml,line=34,col=17,endColumn=32,title=site › a::name: want …`
fn annotation(entry: &Entry, workspace: Option<&Path>) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &entry.place {
        properties.push(format!("file={}", property(&path(place, workspace))));
        properties.push(format!("line={}", place.line));
        match place.extent {
            Extent::Columns(column, end) => {
                properties.push(format!("col={column}"));
                properties.push(format!("endColumn={end}"));
            }
            Extent::ToLine(line) => properties.push(format!("endLine={line}")),
        }
    }
    properties.push(format!("title={}", property(&entry.title)));
    let level = match entry.word {
        FLAKY => "warning",
        _ => "error",
    };
    format!(
        "::{level} {}::{}",
        properties.join(","),
        data(&entry.message)
    )
}

/// A row of the summary's table.
fn row(entry: &Entry, workspace: Option<&Path>) -> String {
    let place = entry.place.as_ref().map_or_else(String::new, |place| {
        code(&format!("{}:{}", path(place, workspace), place.line))
    });
    let first = entry.message.lines().next().unwrap_or_default();
    format!(
        "| {} | {} | {} | {} |\n",
        entry.word,
        escaped(&entry.title),
        place.replace('|', "\\|"),
        escaped(first)
    )
}

/// A spec's path from the workspace; as it is, if it is not below it or there is none.
fn path(place: &Place, workspace: Option<&Path>) -> String {
    let whole = |path: &Path| fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let below = workspace.and_then(|workspace| {
        let spec = whole(&place.path).ok()?;
        let below = spec.strip_prefix(whole(workspace).ok()?).ok()?;
        Some(below.to_path_buf())
    });
    let path = below.as_ref().unwrap_or(&place.path);
    path.to_string_lossy().into_owned()
}

/// Text after `::`, as the runner reads it back.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, as the runner reads it back.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use spec::{Source, SpecError, SpecErrors};

    use super::{Entry, GitHub, GitHubJob, MAX_SUMMARY, annotation, data, place, property};
    use crate::report::{Display as _, Event, Summary};

    fn source(text: &str) -> Source {
        Source::new("a,b/site.proctor.toml", text)
    }

    fn entry(text: &str, piece: &str) -> Entry {
        let start = text.find(piece).unwrap();
        Entry {
            word: "FAIL",
            title: "site › a: b, c".to_owned(),
            place: Some(place(&source(text), &(start..start + piece.len()))),
            message: "want 100%\r\n  got 1, 2: 3".to_owned(),
        }
    }

    #[test]
    fn what_the_runner_reads_as_its_own_is_escaped() {
        assert_eq!(data("50%\r\na:b,c"), "50%25%0D%0Aa:b,c");
        assert_eq!(property("50%\r\na:b,c"), "50%25%0D%0Aa%3Ab%2Cc");
    }

    #[test]
    fn an_annotation_is_at_the_place_in_the_spec() {
        assert_eq!(
            annotation(&entry("[x]\né = \"two\"\n", "\"two\""), None),
            "::error file=a%2Cb/site.proctor.toml,line=2,col=5,endColumn=9,title=site › a%3A b%2C c\
             ::want 100%25%0D%0A  got 1, 2: 3"
        );
    }

    #[test]
    fn a_place_of_several_lines_has_no_columns() {
        let shown = annotation(&entry("a = [\n1,\n]\n", "[\n1,\n]"), None);
        assert!(shown.contains(",line=1,endLine=3,title="), "{shown}");
    }

    #[test]
    fn paths_start_from_the_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("deep/site.proctor.toml");
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(&below, "").unwrap();
        let mut entry = entry("a", "a");
        entry.place.as_mut().unwrap().path = below;
        let shown = annotation(&entry, Some(folder.path()));
        assert!(
            shown.starts_with("::error file=deep/site.proctor.toml,line=1,"),
            "{shown}"
        );
        let elsewhere = tempfile::tempdir().unwrap();
        let shown = annotation(&entry, Some(elsewhere.path()));
        assert!(shown.contains("file=/"), "{shown}");
    }

    fn wrong(errors: usize) -> SpecErrors {
        let error =
            |number| SpecError::at(0..1, format!("error {number} | <b> {}", "x".repeat(400)));
        SpecErrors {
            source: source("a = 1\n"),
            errors: (0..errors).map(error).collect(),
        }
    }

    #[test]
    fn ten_are_annotations_and_all_are_in_the_summary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        std::fs::write(&path, "what was there\n").unwrap();
        let mut out = Vec::new();
        let job = GitHubJob {
            workspace: None,
            summary: Some(path.clone()),
        };
        let mut display = GitHub::new(&mut out, job);
        display.show(Event::SpecWrong(&wrong(12))).unwrap();
        display.show(Event::RunEnded(&Summary::default())).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 10, "{out}");
        assert!(
            out.lines().all(|line| line.starts_with("::error file=")),
            "{out}"
        );
        let summary = std::fs::read_to_string(&path).unwrap();
        assert!(
            summary.starts_with("what was there\n### goproctor: 0 tests"),
            "{summary}"
        );
        assert!(summary.contains("| error 11 \\| \\<b\\> "), "{summary}");
    }

    #[test]
    fn a_summary_is_never_too_large() {
        let mut display = GitHub::new(Vec::new(), GitHubJob::default());
        display.show(Event::SpecWrong(&wrong(5_000))).unwrap();
        let text = display.markdown("result", MAX_SUMMARY);
        assert!(text.len() <= MAX_SUMMARY, "{}", text.len());
        assert!(
            text.contains(" more parts are in the log"),
            "{}",
            text.len()
        );
    }
}
