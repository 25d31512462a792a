//! The parts that the test program plays besides itself.

use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, ExitCode},
    thread,
    time::Duration,
};

use goproctor::target;

use crate::stage;

/// Plays the part that the first argument names, if it names one.
pub(crate) fn perform() -> Option<ExitCode> {
    if target::is_supervisor(env::args_os()) {
        return Some(target::supervise());
    }
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["parent", tag, script, released] => parent(tag, script, released == "released"),
        ["serve", port, delay, statuses] => serve(port, delay, statuses),
        ["settle", files, named] => settle(files, named),
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}

/// A goproctor that launches a target and lives until it is killed.
fn parent(tag: &str, script: &str, released: bool) {
    let mut target = stage::launch(tag, script);
    if released {
        target.release().unwrap();
    }
    println!("{}", target.pid());
    loop {
        thread::sleep(Duration::from_secs(1000));
    }
}

/// A program that listens after `delay` ms and answers with `statuses` one after the other; the last repeats.
fn serve(port: &str, delay: &str, statuses: &str) {
    thread::sleep(Duration::from_millis(delay.parse().unwrap()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse().unwrap())).unwrap();
    let statuses: Vec<&str> = statuses.split(',').collect();
    let mut served = 0;
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        // A probe that only connects sends nothing.
        if stream.read(&mut [0; 1024]).unwrap_or(0) == 0 {
            continue;
        }
        let status = statuses[served.min(statuses.len() - 1)];
        served += 1;
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok");
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

/// A goproctor that settles, and shows what itself, a `go` and a target are then.
fn settle(files: &str, named: &str) {
    let named = (!named.is_empty()).then_some(named);
    let identity = match target::settle(named, Path::new(files), &kernel::NEEDED) {
        Ok(identity) => identity,
        Err(error) => return println!("error: {error}"),
    };
    println!("way: {:?}", identity.way);
    println!("may probe: {}", kernel::Unprivileged::find().is_none());
    println!("explanation: {}", identity.explanation());
    println!("notice: {}", identity.notice().unwrap_or_default());
    // What the rest of goproctor may rely on, though the process is not dumpable.
    let own = ["stat", "status", "maps", "mountinfo", "exe", "fd/0"];
    let open = |name: &&str| fs::File::open(Path::new("/proc/self").join(name)).is_ok();
    println!(
        "own files: {}",
        own.iter().all(open) && fs::read_dir("/proc/self/fd").is_ok()
    );
    println!("dumpable: {}", nix::sys::prctl::get_dumpable().unwrap());
    println!("home: {}", env::var("HOME").unwrap_or_default());
    show("self", &fs::read_to_string("/proc/self/status").unwrap());

    let go = Command::new("/bin/cat")
        .arg("/proc/self/status")
        .output()
        .unwrap();
    show("go", &String::from_utf8(go.stdout).unwrap());

    let folder = target::TemporaryFolder::create().unwrap();
    let locked = folder.path().join("home/locked/in");
    fs::create_dir_all(&locked).unwrap();
    let script = "cat /proc/self/status; touch $HOME/mine; chmod 500 $HOME/locked $HOME/locked/in";
    let mut request = target::LaunchRequest::new("/bin/sh", "/", identity.user);
    request.args = vec!["-c".into(), script.into()];
    request.env = target::environment(&folder, []);
    let mut program = target::Target::launch(request).unwrap();
    program.release().unwrap();
    assert_eq!(
        program.wait_exited(Duration::from_secs(5)),
        Some(target::Ended::Exited(0))
    );
    program.stop().unwrap();
    show("target", &program.output().to_string());
    let path = folder.path().to_owned();
    drop(folder);
    println!("removed: {}", !path.exists());
}

/// The lines of a `/proc/<pid>/status` that say who and what a process may be.
fn show(who: &str, status: &str) {
    for line in status.lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if [
            "Uid",
            "Gid",
            "Groups",
            "CapInh",
            "CapPrm",
            "CapEff",
            "CapBnd",
            "CapAmb",
            "NoNewPrivs",
        ]
        .contains(&name)
        {
            let value: Vec<&str> = value.split_whitespace().collect();
            println!("{who} {name}: {}", value.join(" "));
        }
    }
}
