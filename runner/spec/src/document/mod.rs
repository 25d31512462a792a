//! A spec as it is understood: everything resolved that can be resolved without a binary, and every part
//! with the place in the file that it came from.

mod bound;
mod calls;
mod carriers;
mod functions;
mod place;
mod program;
mod redactions;
mod request;
mod sequence;
mod spec;
mod standpoint;
mod stub;
mod template;
mod test;

pub use bound::{CountExpectation, DurationBound, LatencyBound, LatencyExpectation, Statistic};
pub use calls::{ArgumentExpectation, CallExpectation, ErrorExpectation, ExpectedOutcome};
pub use carriers::{CallPart, Flow, HandOff, Server};
pub use functions::FunctionSpec;
pub use place::{Source, Span, Spanned};
pub use program::{Build, HttpVersion, Origin, Program, Ready, ReadyProbe, Tls};
pub use redactions::{Redaction, Redactions};
pub use request::{RequestBody, RequestSpec, TargetError, check_target};
pub use sequence::{Sequence, SequenceElement, SequenceMode, Step};
pub use spec::Spec;
pub use standpoint::{GoroutineRelation, Scope, Standpoint};
pub use stub::{Answer, AnswerAction, Route, Stub};
pub use template::{PlaceholderError, Template, TemplatePart};
pub(crate) use template::{is_name, located_parts};
pub use test::Test;

pub use model::Limits;
