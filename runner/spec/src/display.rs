//! Parts of a spec in words, for reports: `= 2020`, `contains "x"`, `≥ 1`, `p99 < 500ms`.

use std::fmt;

use model::Root;

use super::{
    document::{
        CallPart, DurationBound, ErrorExpectation, ExpectedOutcome, Flow, GoroutineRelation,
        HttpVersion, LatencyBound, Scope, Statistic, Template, TemplatePart,
    },
    duration,
    matcher::{Comparison, Literal, Matcher, Number},
    names::is_identifier,
};

impl Matcher {
    /// What is wanted, for the place after `want`: a literal alone (`"GopherCon"`), all else as it is displayed
    /// (`≥ 1`).
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Equal(literal) => literal.to_string(),
            Self::List(elements) => List(elements).to_string(),
            Self::Nil(true) => "nil".to_owned(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Equal(literal) => write!(f, "= {literal}"),
            Self::Contains(text) => write!(f, "contains {text:?}"),
            Self::Matches(regex) => write!(f, "matches {:?}", regex.as_str()),
            Self::Compare(comparison, number) => write!(f, "{comparison} {number}"),
            Self::CompareTime(comparison, bound) => write!(f, "{comparison} {:?}", bound.text),
            Self::All(all) => {
                for (index, matcher) in all.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" and ")?;
                    }
                    write!(f, "{matcher}")?;
                }
                Ok(())
            }
            Self::Nil(true) => f.write_str("= nil"),
            Self::Nil(false) => f.write_str("not nil"),
            Self::Length(length) => write!(f, "len {length}"),
            Self::Type(name) => write!(f, "type {name}"),
            Self::List(elements) => write!(f, "= {}", List(elements)),
            Self::Has(matcher) => write!(f, "has {}", matcher.describe()),
            Self::Each(matcher) => write!(f, "each {matcher}"),
            Self::Fields(fields) => {
                f.write_str("{")?;
                for (index, (name, matcher)) in fields.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma} {} {matcher}", Name(name))?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// The elements of a list: `[1, ≥ 2]`.
struct List<'a>(&'a [Matcher]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, matcher) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&matcher.describe())?;
        }
        f.write_str("]")
    }
}

/// A field, or the key of a map in quotes: `Name`, `"Content-Type"`.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_identifier(self.0) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

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

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Float(float) => write!(f, "{float:?}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lt => "<",
            Self::Le => "≤",
            Self::Gt => ">",
            Self::Ge => "≥",
        })
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
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str(" → ")?;
            }
            part.fmt(f)?;
        }
        Ok(())
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
                TemplatePart::Folder => f.write_str("${dir}")?,
            }
        }
        Ok(())
    }
}
