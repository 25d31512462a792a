//! Parts of a spec in words, for reports: `p99 < 500ms`, `service.returns.0 → publish.o`.

use std::fmt;

use model::Root;

use super::{
    document::{
        CallPart, DurationBound, ErrorExpectation, ExpectedOutcome, Flow, GoroutineRelation,
        HttpVersion, LatencyBound, Scope, Statistic, Template, TemplatePart,
    },
    duration,
};

/// All that is asked of the error: `is io.EOF and message contains "x"`.
impl fmt::Display for ErrorExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is = self.is.as_ref().map(|is| format!("is {}", is.value));
        let as_type = self.as_type.as_ref().map(|ty| format!("as {}", ty.value));
        let message = self.message.as_ref();
        let message = message.map(|message| format!("message {}", message.value));
        let all: Vec<String> = [is, as_type, message].into_iter().flatten().collect();
        match all.as_slice() {
            [] if self.nil => f.write_str("= nil"),
            [] => f.write_str("not nil"),
            all => f.write_str(&all.join(" and ")),
        }
    }
}

impl fmt::Display for DurationBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.comparison, duration::text(self.duration))
    }
}

impl fmt::Display for LatencyBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.statistic, self.bound)
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Min => f.write_str("min"),
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
        }
    }
}

impl fmt::Display for ExpectedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Returned => "returned",
            Self::Panicked => "panicked",
            Self::Recovered => "recovered",
            Self::Goexit => "goexit",
            Self::Running => "running",
            Self::ProcessEnded => "process-ended",
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "requests",
            Self::Anywhere => "anywhere",
        })
    }
}

impl fmt::Display for GoroutineRelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "same",
            Self::Child => "child",
            Self::Distinct => "distinct",
            Self::Any => "any",
        })
    }
}

impl fmt::Display for HttpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "HTTP/1.1",
            Self::Two => "HTTP/2",
        })
    }
}

impl fmt::Display for CallPart {
    /// As it is written in a spec: `submit.j.ID`, `service.returns.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.label.value)?;
        match &self.path.root {
            Root::Result(index) => write!(f, "returns.{index}")?,
            Root::Argument(_) | Root::Out(_) | Root::Variable(_) => {
                f.write_str(self.path.parameter())?;
            }
        }
        self.path.segments.iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Flow {
    /// `service.returns.0 → publish.o`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join(" → "))
    }
}

impl fmt::Display for Template {
    /// As it is written in a spec.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                TemplatePart::Literal(text) => f.write_str(&text.replace("${", "$${"))?,
                TemplatePart::Port(name) if name.is_empty() => f.write_str("${port}")?,
                TemplatePart::Port(name) => write!(f, "${{port.{name}}}")?,
                TemplatePart::Stub(name) => write!(f, "${{stub.{name}}}")?,
                TemplatePart::Number => f.write_str("${n}")?,
                TemplatePart::Saved(name) => write!(f, "${{{name}}}")?,
                TemplatePart::Folder => f.write_str("${dir}")?,
                TemplatePart::Environment(part) => part.fmt(f)?,
            }
        }
        Ok(())
    }
}
