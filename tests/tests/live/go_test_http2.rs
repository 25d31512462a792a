//! Requests over HTTP/2 within a test binary: their work belongs to the test that started the server, and to none where `TestMain` did.

use goproctor_tests::{go::NEWEST, harness::Test};

use super::go_test_verdicts::Module;

pub(crate) const TESTS: &[Test<'static>] = &[(
    "http2_requests_belong_to_the_test_that_started_the_server",
    http2,
)];

/// The last release whose `net/http` has all of HTTP/2 in its own package, and the newest.
const RELEASES: [&str; 2] = ["go1.22.12", NEWEST];

const GO_TEST: &str = r#"package shop

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

var shared, sharedPlain *httptest.Server

func serve(http2 bool) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Publish(r.Proto)
	}))
	server.EnableHTTP2 = http2
	server.StartTLS()
	return server
}

func get(t *testing.T, server *httptest.Server, major int) {
	answer, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.ProtoMajor != major {
		t.Fatal(answer.Proto)
	}
}

func TestMain(m *testing.M) {
	shared, sharedPlain = serve(true), serve(false)
	os.Exit(m.Run())
}

func TestOwn(t *testing.T) {
	server := serve(true)
	defer server.Close()
	get(t, server, 2)
	t.Run("sends", func(t *testing.T) { get(t, server, 2) })
}

func TestShared(t *testing.T) { get(t, shared, 2) }

func TestSharedPlain(t *testing.T) { get(t, sharedPlain, 1) }
"#;

const SPEC: &str = r#"
# What the subtest sends is the work of the test that started the server.
[[test]]
go-test = "TestOwn"
count   = { publish = 2 }

[[test]]
go-test = "TestOwn/sends"
count   = { publish = 0 }

[[test]]
go-test = "TestShared"
count   = { publish = 0 }

[[test]]
go-test = "TestShared"
name    = "it is seen all the same"
from    = "anywhere"
count   = { publish = 1 }

# The same over HTTP/1 is the test's own.
[[test]]
go-test = "TestSharedPlain"
count   = { publish = 1 }
"#;

fn http2() {
    for release in RELEASES {
        let module = Module::new(SPEC);
        module.write("http_test.go", GO_TEST);
        let run = module.test_with(
            &["-v", "-run", "TestOwn|TestShared", "."],
            &[("GOTOOLCHAIN", release)],
        );
        assert_eq!(run.code, Some(0), "{release}: {run:?}");
        for test in ["TestOwn", "TestShared", "TestSharedPlain"] {
            let passed = format!("--- PASS: {test} (");
            assert!(run.out.contains(&passed), "{release}: {run:?}");
        }
    }
}
