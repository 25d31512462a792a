//! What the tests of all drivers send, and how they look at what comes back.

use std::{
    net::SocketAddr,
    sync::{LazyLock, atomic::AtomicBool},
    time::Duration,
};

use model::{Answer, Exchange};
use spec::document::{HttpVersion, RequestSpec, Spanned, Template, TemplatePart};

use super::*;
use crate::target::TemplateVars;

pub(super) fn literal(text: &str) -> Template {
    Template {
        parts: vec![TemplatePart::Literal(text.into())],
    }
}

/// The text and the request's number behind it.
pub(super) fn numbered(text: &str) -> Template {
    let mut template = literal(text);
    template.parts.push(TemplatePart::Number);
    template
}

/// A request over HTTP/1.1 with nothing but a method and a target.
pub(super) fn request(method: &str, target: Template) -> RequestSpec {
    RequestSpec {
        http: HttpVersion::One,
        method: method.into(),
        target: Spanned::new(target, 0..0),
        headers: Vec::new(),
        body: None,
        repeat: 1,
        concurrency: 1,
        timeout: Duration::from_secs(5),
        status: None,
        expected_body: None,
        expected_headers: Vec::new(),
        expected_json: Vec::new(),
        save: Vec::new(),
        span: 0..0,
    }
}

pub(super) fn get(target: &str) -> RequestSpec {
    request("GET", literal(target))
}

pub(super) fn run(
    requests: &[RequestSpec],
    address: SocketAddr,
) -> Result<DriveResult, DriveError> {
    run_with(requests, address, &Carry::default())
}

/// The same, carrying on what there is.
pub(super) fn run_with(
    requests: &[RequestSpec],
    address: SocketAddr,
    carry: &Carry,
) -> Result<DriveResult, DriveError> {
    let cancel = AtomicBool::new(false);
    Http.run(
        requests,
        &Context {
            carry,
            ..context(address, &cancel)
        },
    )
}

pub(super) fn context(address: SocketAddr, cancel: &AtomicBool) -> Context<'_> {
    static NOTHING: LazyLock<Carry> = LazyLock::new(Carry::default);
    Context {
        carry: &NOTHING,
        address,
        vars: TemplateVars::default(),
        tls: None,
        deadline: None,
        cancel,
    }
}

pub(super) fn failure(exchange: &Exchange) -> &str {
    match &exchange.answer {
        Answer::Failed(reason) => reason,
        other => panic!("{other:?}"),
    }
}

pub(super) fn status(exchange: &Exchange) -> u16 {
    match &exchange.answer {
        Answer::Response { status, .. } => *status,
        other => panic!("{other:?}"),
    }
}
