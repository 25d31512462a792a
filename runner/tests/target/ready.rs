//! Until a target is ready, or will never be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use goproctor::target::{Ended, LaunchRequest, Ports, StartFailure, Target, TargetError};
use spec::document::ReadyProbe;

use crate::{
    Test,
    stage::{myself, run, script, tag},
};

pub(crate) const TESTS: &[Test] = &[
    ("ready::when_its_port_accepts", accepts),
    ("ready::when_its_get_is_answered_well", answers),
    ("ready::never", never),
    ("ready::not_when_it_answers_badly", answers_badly),
    ("ready::not_when_it_ends_first", ends_first),
    ("ready::not_when_its_port_is_taken", port_taken),
    ("ready::not_when_we_are_cancelled", cancelled),
];

const FOREVER: Duration = Duration::from_secs(30);

fn port() -> u16 {
    let mut ports = Ports::reserve([""]).unwrap();
    ports.release();
    ports.number("").unwrap()
}

/// This program as a server.
fn server(port: u16, delay: u32, statuses: &str) -> Target {
    let mut request = LaunchRequest::new(std::env::current_exe().unwrap(), "/", myself());
    let arguments = ["serve", &port.to_string(), &delay.to_string(), statuses].map(Into::into);
    request.args = arguments.into();
    run(request)
}

fn no_cancel() -> AtomicBool {
    AtomicBool::new(false)
}

fn accepts() {
    let port = port();
    let target = server(port, 150, "200");
    let begin = Instant::now();
    target
        .wait_ready(&ReadyProbe::Accepts, port, None, FOREVER, &no_cancel())
        .unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

fn answers() {
    let port = port();
    let target = server(port, 0, "503,404,204");
    target
        .wait_ready(
            &ReadyProbe::Get("/healthz".into()),
            port,
            None,
            FOREVER,
            &no_cancel(),
        )
        .unwrap();
}

fn never() {
    let target = run(script(&tag(), "echo I sleep; sleep 1000"));
    let within = Duration::from_millis(300);
    let begin = Instant::now();
    let error = target
        .wait_ready(&ReadyProbe::Accepts, port(), None, within, &no_cancel())
        .unwrap_err();
    assert!(begin.elapsed() >= within && begin.elapsed() < 2 * within);
    assert!(matches!(error, TargetError::NotReady { .. }));
    let said = error.to_string();
    assert!(
        said.contains("not ready after 300ms") && said.contains("refused"),
        "{said}"
    );
    assert!(said.ends_with("it wrote:\n  I sleep"), "{said}");
}

fn answers_badly() {
    let port = port();
    let target = server(port, 0, "500");
    let probe = ReadyProbe::Get("/healthz".into());
    let error = target
        .wait_ready(&probe, port, None, Duration::from_millis(300), &no_cancel())
        .unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("GET /healthz is answered with status 500"),
        "{said}"
    );
}

fn ends_first() {
    let target = run(script(
        &tag(),
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; exit 3",
    ));
    let begin = Instant::now();
    let error = target
        .wait_ready(&ReadyProbe::Accepts, port(), None, FOREVER, &no_cancel())
        .unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(1));
    let TargetError::NotReady { failure, output } = &error else {
        panic!("{error}");
    };
    assert_eq!(*failure, StartFailure::Ended(Ended::Exited(3)));
    assert_eq!(
        (output.len(), output[0].as_str(), output[9].as_str()),
        (10, "line 3", "line 12")
    );
    assert!(
        error
            .to_string()
            .contains("exited with code 3 before it was ready")
    );
}

fn port_taken() {
    let ports = Ports::reserve([""]).unwrap();
    let port = ports.number("").unwrap();
    let target = server(port, 0, "200");
    // Who took it accepts, but never answers.
    let begin = Instant::now();
    let error = target
        .wait_ready(
            &ReadyProbe::Get("/".into()),
            port,
            None,
            FOREVER,
            &no_cancel(),
        )
        .unwrap_err();
    assert!(
        begin.elapsed() < Duration::from_millis(500),
        "{:?}",
        begin.elapsed()
    );
    let TargetError::NotReady { failure, .. } = &error else {
        panic!("{error}");
    };
    assert!(matches!(failure, StartFailure::PortInUse(_)), "{error}");
    assert!(
        error.to_string().contains("another process took its port"),
        "{error}"
    );
}

fn cancelled() {
    let target = run(script(&tag(), "sleep 1000"));
    let cancel = Arc::new(no_cancel());
    let setter = thread::spawn({
        let cancel = Arc::clone(&cancel);
        move || {
            thread::sleep(Duration::from_millis(100));
            cancel.store(true, Ordering::Relaxed);
        }
    });
    let begin = Instant::now();
    let error = target
        .wait_ready(&ReadyProbe::Accepts, port(), None, FOREVER, &cancel)
        .unwrap_err();
    assert!(matches!(error, TargetError::Cancelled));
    assert!(begin.elapsed() < Duration::from_millis(400));
    setter.join().unwrap();
}
