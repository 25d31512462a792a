//! What the program wrote, and how it ended.

use model::{Ending, Exit, Nanoseconds, Written};
use spec::{
    document::{Execution, StopSignal},
    matcher::{Literal, Matcher, Number},
};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict,
    scope::Case,
    truth::Truth,
    value::{Excerpt, Length, integer_matches, text_matches},
    wording,
};

/// How many of the last lines of a text are shown where it is not as wanted.
const LINES: usize = 10;

/// The verdicts on what the program wrote and how it ended.
pub(super) fn judge(case: &Case<'_>) -> Vec<Verdict> {
    let Execution { stdout, stderr, .. } = &case.test.execution;
    let output = case.evidence.output.as_ref();
    let texts = [
        ("stdout", stdout, output.map(|output| &output.stdout)),
        ("stderr", stderr, output.map(|output| &output.stderr)),
    ];
    let texts = texts.into_iter().filter_map(|(name, wanted, written)| {
        let wanted = wanted.as_ref()?;
        let finding = match written {
            Some(written) => judge_text(name, &wanted.value, written),
            None => Finding::Inconclusive(Reason::NotSeen(name)),
        };
        let subject = format!("{name} {}", wanted.value);
        Some(Verdict::new(wanted.span.clone(), subject, finding))
    });
    texts.chain(end(case)).collect()
}

/// Whether the signal was sent and the program did not end in time, which its verdict says.
pub(super) fn outlives_signal(case: &Case<'_>) -> bool {
    let ending = case.evidence.ending.as_ref();
    ending.is_some_and(|ending| ending.exit.is_none() && ending.signalled.is_some())
}

fn judge_text(name: &'static str, wanted: &Matcher, written: &Written) -> Finding {
    let Written { bytes, truncated } = written;
    let text = Excerpt {
        bytes,
        full: match truncated {
            true => Length::More,
            false => Length::Is(bytes.len() as u64),
        },
        limits: None,
    };
    match text_matches(wanted, text) {
        Truth::Yes => Finding::Passed {
            basis: wording::plural(bytes.len(), "byte"),
        },
        Truth::Unknown(reason) => Finding::Inconclusive(reason),
        Truth::No => Finding::Failed(Failure {
            want: Some(wanted.describe()),
            got: Some(match bytes.is_empty() {
                true => "nothing".to_owned(),
                false => wording::text(bytes, !truncated),
            }),
            notes: last_lines(bytes),
            ..Failure::new(FailureKind::Output, name)
        }),
    }
}

/// The last lines of a text of several lines.
fn last_lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let is_shown = |c: char| !c.is_control() || "\n\r\t".contains(c);
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() < 2 || !text.chars().all(is_shown) {
        return Vec::new();
    }
    let left_out = lines.len().saturating_sub(LINES);
    let more = (left_out > 0).then(|| "…".to_owned());
    let lines = lines.into_iter().skip(left_out);
    let lines = lines.map(|line| match line.char_indices().nth(wording::LONG) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    });
    more.into_iter().chain(lines).collect()
}

/// The verdict on the program's end, if that is judged.
fn end(case: &Case<'_>) -> Option<Verdict> {
    let Execution { exit, stop, .. } = &case.test.execution;
    let success = Matcher::Equal(Literal::Number(Number::Integer(0)));
    let (span, wanted) = match (exit, stop) {
        (Some(exit), _) => (&exit.span, &exit.value),
        (None, Some(stop)) => (&stop.span, &success),
        (None, None) => return None,
    };
    let stop = stop.as_ref().map(|stop| stop.value);
    let subject = match stop {
        Some(stop) => format!("exit {wanted} after SIG{stop}"),
        None => format!("exit {wanted}"),
    };
    let finding = match &case.evidence.ending {
        None => Finding::Inconclusive(Reason::NotSeen("the end of the program")),
        Some(ending) => judge_end(wanted, stop, ending),
    };
    Some(Verdict::new(span.clone(), subject, finding))
}

fn judge_end(wanted: &Matcher, stop: Option<StopSignal>, ending: &Ending) -> Finding {
    let failed = |got: String, kind: FailureKind| {
        Finding::Failed(Failure {
            want: Some(format!("exit status {}", wanted.describe())),
            got: Some(got),
            ..Failure::new(kind, "how the program ends")
        })
    };
    let took = |time: &Nanoseconds| time.brief();
    match (&ending.exit, stop, &ending.signalled) {
        (None, Some(stop), Some(after)) => {
            let got = format!("still running {} after SIG{stop}", took(after));
            failed(got, FailureKind::Timeout)
        }
        (None, _, _) => failed("still running".to_owned(), FailureKind::Exit),
        (Some(how), Some(stop), None) => failed(
            format!("{how}, before SIG{stop} was sent"),
            FailureKind::Exit,
        ),
        (Some(how), _, after) => match exit_matches(wanted, how) {
            Truth::Yes => Finding::Passed {
                basis: match after {
                    Some(after) => format!("{how}, {} after the signal", took(after)),
                    None => how.to_string(),
                },
            },
            Truth::No => failed(how.to_string(), FailureKind::Exit),
            Truth::Unknown(reason) => Finding::Inconclusive(reason),
        },
    }
}

/// Whether a process ended as wanted; one that a signal ended has no status.
fn exit_matches(wanted: &Matcher, exit: &Exit) -> Truth {
    match exit {
        _ if matches!(wanted, Matcher::Any) => Truth::Yes,
        Exit::Code(code) => integer_matches(wanted, i128::from(*code)),
        Exit::Signal(_) => Truth::No,
        Exit::Unknown => Truth::Unknown(Reason::NotSeen("the end of the program")),
    }
}

#[cfg(test)]
mod tests {
    use spec::matcher::TextMatcher;

    use super::*;

    fn written(text: &str, truncated: bool) -> Written {
        Written {
            bytes: text.as_bytes().to_vec(),
            truncated,
        }
    }

    #[test]
    fn a_text_that_was_cut_decides_what_does_not_need_the_rest() {
        let contains = |text: &str| Matcher::Text(TextMatcher::Contains(text.to_owned()));
        let equal = |text: &str| Matcher::Equal(Literal::Text(text.to_owned()));
        let holds = |wanted: &Matcher, text: &Written| judge_text("stdout", wanted, text).holds();
        let cut = written("sold pen\n", true);
        assert_eq!(holds(&contains("pen"), &cut), Some(true));
        assert_eq!(holds(&contains("total"), &cut), None);
        assert_eq!(holds(&equal("sold pen\ntotal 3\n"), &cut), None);
        assert_eq!(holds(&equal("sold ink\n"), &cut), Some(false));
        let whole = written("sold pen\n", false);
        assert_eq!(holds(&contains("total"), &whole), Some(false));
        assert_eq!(holds(&equal("sold pen\n"), &whole), Some(true));
        assert_eq!(holds(&equal(""), &written("", false)), Some(true));
    }

    #[test]
    fn an_end_is_as_wanted_or_not() {
        let status = |status: i128| Matcher::Equal(Literal::Number(Number::Integer(status)));
        let got =
            |wanted: &Matcher, stop: Option<StopSignal>, exit: Option<Exit>, after: Option<u64>| {
                let ending = Ending {
                    exit,
                    signalled: after.map(Nanoseconds),
                };
                match judge_end(wanted, stop, &ending) {
                    Finding::Passed { basis } => Ok(basis),
                    Finding::Failed(failure) => Err(failure.got.unwrap_or_default()),
                    Finding::Inconclusive(reason) => Err(reason.to_string()),
                }
            };
        let term = Some(StopSignal::Term);
        let second = Some(1_000_000_000);
        let code = |code: i32| Some(Exit::Code(code));
        assert_eq!(
            got(&status(0), None, code(0), None),
            Ok("exit status 0".to_owned())
        );
        assert_eq!(
            got(&status(0), None, code(2), None),
            Err("exit status 2".to_owned())
        );
        let killed = Some(Exit::Signal("SIGKILL".to_owned()));
        assert_eq!(
            got(&status(0), None, killed.clone(), None),
            Err("ended by SIGKILL".to_owned())
        );
        assert_eq!(
            got(&Matcher::Any, None, killed, None),
            Ok("ended by SIGKILL".to_owned())
        );
        assert_eq!(
            got(&status(0), term, code(0), second),
            Ok("exit status 0, 1s after the signal".to_owned())
        );
        assert_eq!(
            got(&status(0), term, code(0), None),
            Err("exit status 0, before SIGTERM was sent".to_owned())
        );
        assert_eq!(
            got(&Matcher::Any, term, None, second),
            Err("still running 1s after SIGTERM".to_owned())
        );
        assert_eq!(
            got(&status(0), None, None, None),
            Err("still running".to_owned())
        );
    }
}
