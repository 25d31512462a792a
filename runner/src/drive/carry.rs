//! What is carried from one request of a test to the next: saved values, and cookies if they are kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cookie_store::{CookieError, CookieStore, RawCookie};
use hyper::header::SET_COOKIE;
use model::{Answer, Carried, Missed};
use spec::document::RequestSpec;
use url::Url;

use super::capture::capture;

/// How many notes are kept.
const NOTES: usize = 20;

/// What stands for a value while it is not known: fit for a path, too.
const UNKNOWN: &str = "/0";

/// What the requests of a test have made so far, for those behind them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carry(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    values: BTreeMap<String, String>,
    jar: Option<CookieStore>,
    carried: Carried,
}

impl Carry {
    /// Nothing yet; with a jar if cookies are kept.
    pub(crate) fn new(cookies: bool) -> Self {
        let state = State {
            jar: cookies.then(CookieStore::default),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it did, the data is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The saved values by name.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        self.state().values.clone()
    }

    /// The same, with something for each name that these requests make: to check them before any is sent.
    pub(super) fn values_with(&self, requests: &[RequestSpec]) -> BTreeMap<String, String> {
        let names = requests.iter().flat_map(|request| &request.save);
        let mut values: BTreeMap<_, _> = names
            .map(|capture| (capture.name.value.clone(), UNKNOWN.to_owned()))
            .collect();
        values.extend(self.values());
        values
    }

    /// What did not go as asked.
    pub(crate) fn carried(&self) -> Carried {
        self.state().carried.clone()
    }

    /// The cookies that go to a place, as the header has them.
    pub(super) fn cookies(&self, url: &Place) -> Option<String> {
        let state = self.state();
        let url = url.url()?;
        let pairs = state.jar.as_ref()?.get_request_values(&url);
        let mut pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        // The jar has no order of its own.
        pairs.sort();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps the cookies that an answer from there sets.
    pub(super) fn keep_cookies(&self, request: &str, url: &Place, answer: &Answer) {
        let (Answer::Response { headers, .. }, Some(url)) = (answer, url.url()) else {
            return;
        };
        let mut state = self.state();
        let State { jar, carried, .. } = &mut *state;
        let Some(jar) = jar else { return };
        let set = headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(SET_COOKIE.as_str()));
        for (_, text) in set {
            let kept = match RawCookie::parse(text.as_str()) {
                Ok(cookie) => jar
                    .insert_raw(&cookie, &url)
                    .map_err(|error| refused(&cookie, &url, &error)),
                Err(error) => Err(Some(format!("a cookie that can't be read ({error})"))),
            };
            if let Err(Some(why)) = kept {
                let note = format!("{request} sets {why}: it is not kept");
                if carried.notes.len() < NOTES && !carried.notes.contains(&note) {
                    carried.notes.push(note);
                }
            }
        }
    }

    /// Saves what the answer to a request must have for those behind it; whether it had all of that.
    pub(super) fn save(&self, entry: usize, request: &RequestSpec, answer: &Answer) -> bool {
        let mut state = self.state();
        let mut complete = true;
        for wanted in &request.save {
            let name = wanted.name.value.clone();
            match capture(&wanted.source.value, answer) {
                Ok(value) => {
                    state.values.insert(name, value);
                }
                Err(found) => {
                    complete = false;
                    state.carried.missed.push(Missed { entry, name, found });
                }
            }
        }
        complete
    }
}

/// Where a request goes, as cookies see it.
#[derive(Clone, Debug)]
pub(super) struct Place(pub(super) String);

impl Place {
    fn url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }
}

/// Which cookie is not kept, and why; none where that is as wanted.
fn refused(cookie: &RawCookie<'_>, url: &Url, error: &CookieError) -> Option<String> {
    let name = cookie.name();
    match error {
        // It takes away a cookie that there is not.
        CookieError::Expired => None,
        CookieError::DomainMismatch => Some(format!(
            "the cookie {name} for {}, not for {}",
            cookie.domain().unwrap_or_default(),
            url.host_str().unwrap_or_default(),
        )),
        error => Some(format!("the cookie {name}, which can't be kept ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(cookies: &[&str]) -> Answer {
        let cookies = cookies.iter();
        Answer::Response {
            status: 200,
            headers: cookies
                .map(|cookie| ("set-cookie".to_owned(), (*cookie).to_owned()))
                .collect(),
            body: Vec::new(),
            truncated: false,
        }
    }

    fn place(path: &str) -> Place {
        Place(format!("http://127.0.0.1:4000{path}"))
    }

    #[test]
    fn cookies_go_back_where_they_belong() {
        let carry = Carry::new(true);
        let answer = sets(&[
            "sid=1; Path=/; HttpOnly",
            "admin=2; Path=/admin",
            "safe=3; Path=/; Secure",
        ]);
        carry.keep_cookies("POST /login", &place("/login"), &answer);
        let sent = |path: &str| carry.cookies(&place(path)).unwrap_or_default();
        assert_eq!(sent("/orders?a=b"), "safe=3; sid=1");
        assert_eq!(sent("/admin/x"), "admin=2; safe=3; sid=1");
        let gone = sets(&["sid=; Path=/; Max-Age=0", "other=; Max-Age=0"]);
        carry.keep_cookies("POST /logout", &place("/logout"), &gone);
        assert_eq!(sent("/orders"), "safe=3");
        assert_eq!(carry.carried(), Carried::default());
    }

    #[test]
    fn a_cookie_of_another_host_is_not_kept_and_told() {
        let carry = Carry::new(true);
        let answer = sets(&["sid=1; Domain=shop.example"]);
        carry.keep_cookies("POST /login", &place("/login"), &answer);
        carry.keep_cookies("POST /login", &place("/login"), &answer);
        assert_eq!(carry.cookies(&place("/")), None);
        assert_eq!(
            carry.carried().notes,
            ["POST /login sets the cookie sid for shop.example, not for 127.0.0.1: it is not kept"]
        );
    }

    #[test]
    fn without_a_jar_there_are_no_cookies() {
        let carry = Carry::default();
        carry.keep_cookies(
            "GET /",
            &place("/"),
            &sets(&["sid=1", "a=1; Domain=b.example"]),
        );
        assert_eq!(carry.cookies(&place("/")), None);
        assert_eq!(carry.carried(), Carried::default());
    }
}
