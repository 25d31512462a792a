//! A spec's request made ready to be sent: placeholders filled in, all parts checked.

use http_body_util::Full;
use hyper::{
    Method, Request,
    body::Bytes,
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue,
        TE, TRANSFER_ENCODING, UPGRADE,
    },
    http::uri::{Authority, PathAndQuery, Scheme, Uri},
};
use spec::document::{HttpVersion, RequestBody, RequestSpec, Template};

use super::{Carry, DriveError, carry::Place, dial::Endpoint};
use crate::target::{TemplateError, TemplateVars};

/// Headers that speak of an HTTP/1 connection; HTTP/2 has no place for them (RFC 9113, 8.2.2).
const OF_CONNECTIONS: [HeaderName; 4] = [
    CONNECTION,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// A request that can be sent as it is.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) target: PathAndQuery,
    /// Where it goes, as cookies see it.
    pub(super) place: Place,
    /// For HTTP/2: where the target is, instead of Host.
    absolute: Option<Uri>,
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    /// Fills in and checks. `entry` is the request's index in its test; Host says the door's address unless the spec
    /// says another.
    pub(super) fn new(
        entry: usize,
        spec: &RequestSpec,
        vars: &TemplateVars<'_>,
        door: &Endpoint,
        carry: &Carry,
    ) -> Result<Self, DriveError> {
        Preparation { entry, vars }.prepare(spec, door, carry)
    }

    /// As HTTP/1 has it.
    pub(super) fn message(&self) -> Request<Full<Bytes>> {
        let mut message = Request::new(Full::new(self.body.clone()));
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = self.target.clone().into();
        *message.headers_mut() = self.headers.clone();
        message
    }

    /// As a stream of HTTP/2 has it: the head, and the body.
    pub(super) fn stream(&self) -> (Request<()>, Bytes) {
        let mut head = Request::new(());
        *head.method_mut() = self.method.clone();
        *head.uri_mut() = match &self.absolute {
            Some(uri) => uri.clone(),
            None => self.target.clone().into(),
        };
        *head.headers_mut() = self.headers.clone();
        (head, self.body.clone())
    }
}

/// A body and the content type that goes with it.
struct Body {
    kind: Option<&'static str>,
    bytes: Vec<u8>,
}

struct Preparation<'a> {
    entry: usize,
    vars: &'a TemplateVars<'a>,
}

impl Preparation<'_> {
    fn prepare(
        &self,
        spec: &RequestSpec,
        door: &Endpoint,
        carry: &Carry,
    ) -> Result<Prepared, DriveError> {
        let body = self.body(spec.body.as_ref())?;
        let mut headers = self.headers(spec)?;
        if !headers.contains_key(HOST) {
            // First, as RFC 9112, 3.2, would have it.
            let mut all = HeaderMap::new();
            all.insert(HOST, self.value("host", &door.address.to_string())?);
            all.extend(headers);
            headers = all;
        }
        let target = self.target(&spec.target.value)?;
        let place = place(&headers, &target, door);
        if let Some(cookies) = carry.cookies(&place) {
            // One header holds them all (RFC 9110, 5.3; RFC 6265, 5.4).
            let own = headers.get(COOKIE).and_then(|own| own.to_str().ok());
            let all = own.map(|own| format!("{own}; {cookies}"));
            let all = self.value("cookie", &all.unwrap_or(cookies))?;
            headers.insert(COOKIE, all);
        }
        if let Some(Body { kind, bytes }) = &body {
            if let Some(content_type) = kind
                && !headers.contains_key(CONTENT_TYPE)
            {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            }
            headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        let body = body.map(|body| body.bytes).unwrap_or_default();
        self.check_framing(spec, body.len())?;
        let method = self.method(&spec.method)?;
        let absolute = match spec.http {
            HttpVersion::One => None,
            HttpVersion::Two => Some(self.absolute(&mut headers, &target, door)?),
        };
        Ok(Prepared {
            method,
            target,
            place,
            absolute,
            headers,
            body: body.into(),
        })
    }

    /// Where the target is, with what the headers said of it; they are then as HTTP/2 has them.
    fn absolute(
        &self,
        headers: &mut HeaderMap,
        target: &PathAndQuery,
        door: &Endpoint,
    ) -> Result<Uri, DriveError> {
        for name in OF_CONNECTIONS {
            if headers.contains_key(&name) {
                let error = "HTTP/2 has no such header; remove it".to_owned();
                return Err(self.unfit("the header", name.as_str(), error));
            }
        }
        if headers.get_all(TE).iter().any(|te| te != "trailers") {
            let error = "HTTP/2 allows only \"trailers\"".to_owned();
            return Err(self.unfit("the header", TE.as_str(), error));
        }
        if headers.get_all(HOST).iter().count() > 1 {
            let error = "HTTP/2 allows only one".to_owned();
            return Err(self.unfit("the header", HOST.as_str(), error));
        }
        let host = headers.get(HOST).cloned();
        // Without it, and in the same order, which `remove` does not keep.
        let all = std::mem::take(headers);
        for (name, value) in all.iter().filter(|(name, _)| *name != HOST) {
            headers.append(name.clone(), value.clone());
        }
        let host = host.as_ref().map_or(&b""[..], HeaderValue::as_bytes);
        let authority = Authority::try_from(host).map_err(|error| {
            let host = String::from_utf8_lossy(host);
            self.unfit("the header Host with", &host, error.to_string())
        })?;
        let scheme = match door.tls {
            Some(_) => Scheme::HTTPS,
            None => Scheme::HTTP,
        };
        Uri::builder()
            .scheme(scheme)
            .authority(authority)
            .path_and_query(target.clone())
            .build()
            .map_err(|error| self.unfit("the path", target.as_str(), error.to_string()))
    }

    fn method(&self, text: &str) -> Result<Method, DriveError> {
        let method = Method::from_bytes(text.as_bytes())
            .map_err(|error| self.unfit("the method", text, error.to_string()))?;
        if method == Method::CONNECT {
            let error = "it opens a tunnel and is not a request to the program".to_owned();
            return Err(self.unfit("the method", text, error));
        }
        Ok(method)
    }

    fn target(&self, template: &Template) -> Result<PathAndQuery, DriveError> {
        let text = self.fill(template)?;
        if !text.starts_with('/') {
            let error = "it must begin with a slash".to_owned();
            return Err(self.unfit("the path", &text, error));
        }
        if text.contains('#') {
            let error = "a fragment is never sent; write # as %23".to_owned();
            return Err(self.unfit("the path", &text, error));
        }
        text.parse().map_err(|_| {
            let error = "write spaces and other special characters as %20 and the like".to_owned();
            self.unfit("the path", &text, error)
        })
    }

    fn headers(&self, spec: &RequestSpec) -> Result<HeaderMap, DriveError> {
        let mut headers = HeaderMap::new();
        for (name, template) in &spec.headers {
            let text = self.fill(template)?;
            let value = self.value(name, &text)?;
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|error| self.unfit("the header", name, error.to_string()))?;
            headers.append(name, value);
        }
        Ok(headers)
    }

    /// Headers that say how long the body is must say so truly, or the connection would be out of step.
    fn check_framing(&self, spec: &RequestSpec, length: usize) -> Result<(), DriveError> {
        for (name, template) in &spec.headers {
            let text = self.fill(template)?;
            if name.eq_ignore_ascii_case(TRANSFER_ENCODING.as_str()) {
                let error = "goproctor sends the length of the body; remove it".to_owned();
                return Err(self.unfit("the header", name, error));
            }
            if name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str()) && text != length.to_string() {
                let error = format!("the body has {length} bytes; remove it");
                return Err(self.unfit("the header Content-Length with", &text, error));
            }
        }
        Ok(())
    }

    fn value(&self, name: &str, text: &str) -> Result<HeaderValue, DriveError> {
        HeaderValue::from_str(text).map_err(|error| {
            self.unfit("the header", &format!("{name}: {text}"), error.to_string())
        })
    }

    fn body(&self, body: Option<&RequestBody>) -> Result<Option<Body>, DriveError> {
        let (kind, text) = match body {
            None => return Ok(None),
            Some(RequestBody::Text(text)) => (None, self.fill(text)?),
            Some(RequestBody::Json(text)) => (Some("application/json"), text.clone()),
            Some(RequestBody::JsonTemplate(text)) => {
                let filled = self.vars.fill_json(text);
                (
                    Some("application/json"),
                    filled.map_err(|error| self.unfilled(error))?,
                )
            }
            Some(RequestBody::Form(fields)) => {
                let mut pairs = Vec::new();
                for (name, value) in fields {
                    let value = self.fill(value)?;
                    pairs.push(format!("{}={}", form_encoded(name), form_encoded(&value)));
                }
                (Some("application/x-www-form-urlencoded"), pairs.join("&"))
            }
        };
        let bytes = text.into_bytes();
        Ok(Some(Body { kind, bytes }))
    }

    fn fill(&self, template: &Template) -> Result<String, DriveError> {
        let filled = self.vars.fill(template);
        filled.map_err(|error| self.unfilled(error))
    }

    fn unfilled(&self, error: TemplateError) -> DriveError {
        DriveError::Template {
            entry: self.entry,
            error,
        }
    }

    fn unfit(&self, what: &'static str, value: &str, error: String) -> DriveError {
        DriveError::Request {
            entry: self.entry,
            what,
            value: value.to_owned(),
            error,
        }
    }
}

/// Where a request goes, as cookies see it.
fn place(headers: &HeaderMap, target: &PathAndQuery, door: &Endpoint) -> Place {
    let scheme = match door.tls {
        Some(_) => "https",
        None => "http",
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    Place(format!("{scheme}://{host}{target}"))
}

/// As forms are encoded (WHATWG URL, application/x-www-form-urlencoded serializing).
fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(byte.into());
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::form_encoded;

    #[test]
    fn forms_are_encoded_as_browsers_do() {
        assert_eq!(
            form_encoded("a b&c=d+é~*-._"),
            "a+b%26c%3Dd%2B%C3%A9%7E*-._"
        );
    }
}
