//! Parts of a spec in words, for reports: `= 2020`, `contains "x"`, `≥ 1`, `p99 < 500ms`.

use std::fmt;

use super::{
    document::{DurationBound, ExpectedOutcome, LatencyBound, Statistic, Template, TemplatePart},
    duration,
    matcher::{Comparison, Literal, Matcher, Number},
};

impl Matcher {
    /// What is wanted, for the place after `want`: a literal alone (`"GopherCon"`), all else as it is displayed
    /// (`≥ 1`).
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Equal(literal) => literal.to_string(),
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
            Self::All(all) => {
                for (index, matcher) in all.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" and ")?;
                    }
                    write!(f, "{matcher}")?;
                }
                Ok(())
            }
            Self::Nil(nil) => write!(f, "nil = {nil}"),
            Self::Length(matcher) => write!(f, "len {matcher}"),
            Self::Type(name) => write!(f, "type {name}"),
            Self::List(all) => {
                f.write_str("[")?;
                for (index, matcher) in all.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    f.write_str(&matcher.describe())?;
                }
                f.write_str("]")
            }
            Self::Has(matcher) => write!(f, "has {matcher}"),
            Self::Each(matcher) => write!(f, "each {matcher}"),
            Self::Fields(fields) => {
                f.write_str("{")?;
                for (index, (name, matcher)) in fields.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma} {name} {matcher}")?;
                }
                f.write_str(" }")
            }
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
            Self::Running => "running",
        })
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
