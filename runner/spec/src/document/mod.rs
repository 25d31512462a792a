//! A spec as it is understood: everything resolved that can be resolved without a binary, and every part
//! with the place in the file that it came from.

mod calls;
mod capture;
mod execution;
mod expression;
mod functions;
mod go_test;
mod http;
mod part;
mod place;
mod program;
mod received;
mod sequence;
mod spec;
mod template;

pub use calls::{
    ArgumentExpectation, CallExpectation, DurationBound, ErrorExpectation, ExpectedOutcome,
    GoroutineRelation, Scope, Standpoint,
};
pub(crate) use capture::JsonPathError;
pub use capture::{Capture, CaptureSource, JsonExpectation, JsonPath};
pub use execution::{Execution, StopSignal};
pub use expression::Expression;
pub use functions::{FunctionSpec, Redaction, Redactions};
pub use go_test::GoTestName;
pub(crate) use http::is_token;
pub use http::{
    Answer, AnswerAction, RequestBody, RequestSpec, Route, Stub, TargetError, Upstream,
    check_target,
};
pub use part::{CallPart, Flow, HandOff, Server};
pub use place::{FileAt, Source, Span, Spanned, UsedFile};
pub(crate) use place::{end_line, name_beside, normal};
pub use program::{
    Build, HttpVersion, Origin, Program, Ready, ReadyProbe, Tls, Workdir, hidden_race_reports,
};
pub use received::{Received, ReceivedBody};
pub use sequence::{Sequence, SequenceElement, SequenceMode, Step};
pub use spec::{CountExpectation, LatencyBound, LatencyExpectation, Spec, Statistic, Test};
pub use template::{EnvironmentPart, PlaceholderError, Template, TemplatePart};
pub(crate) use template::{is_name, located_parts};

pub use model::Limits;
