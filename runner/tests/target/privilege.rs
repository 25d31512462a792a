//! Who goproctor, `go` and the program are, and what they may do, for each way of being started. To be run as root.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use crate::Test;

pub(crate) const TESTS: &[Test] = &[
    (
        "privilege::with_file_capabilities_the_user_stays",
        file_capabilities,
    ),
    ("privilege::an_ordinary_user_may_not_probe", ordinary_user),
    ("privilege::through_sudo_all_is_the_callers", sudo),
    ("privilege::a_broken_sudo_is_refused", broken_sudo),
    ("privilege::root_becomes_the_owner", owner),
    ("privilege::root_becomes_whom_it_is_told", named),
    ("privilege::root_on_its_own_files_stays_with_a_notice", root),
    (
        "privilege::root_that_was_named_stays_without_a_notice",
        root_that_was_named,
    ),
];

/// CAP_PERFMON is 38, CAP_BPF 39 (capability.h).
const PROBING: &str = "000000c000000000";
const NONE: &str = "0000000000000000";

/// A user and group without an entry in passwd.
const NOBODY_KNOWS: u32 = 48_321;

type Shown = BTreeMap<String, String>;

/// What the settling goproctor prints, by name.
fn settle(prepare: impl FnOnce(&mut Command)) -> Shown {
    assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
    let mut command = Command::new("/proc/self/exe");
    command.env_remove("SUDO_UID").env_remove("SUDO_GID");
    prepare(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    for uid in [65534, NOBODY_KNOWS] {
        // The home that was made, should nobody else use it.
        let _ = fs::remove_dir(format!("/tmp/goproctor-home-{uid}"));
    }
    let lines = text
        .lines()
        .filter_map(|line| line.split_once(": ").or(line.split_once(':')));
    lines
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn assert_user(shown: &Shown, uid: u32, gid: u32) {
    for who in ["self", "go", "target"] {
        assert_eq!(
            shown[&format!("{who} Uid")],
            format!("{uid} {uid} {uid} {uid}")
        );
        assert_eq!(
            shown[&format!("{who} Gid")],
            format!("{gid} {gid} {gid} {gid}")
        );
        assert!(
            !shown[&format!("{who} Groups")]
                .split(' ')
                .any(|group| group == "0")
        );
    }
}

/// Of an ordinary user: we may hold the two, but not in effect; `go` and the program hold none.
fn assert_powerless_children(shown: &Shown) {
    for set in ["CapInh", "CapEff", "CapAmb"] {
        assert_eq!(shown[&format!("self {set}")], NONE);
    }
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert_eq!(shown[&format!("go {set}")], NONE);
        assert_eq!(shown[&format!("target {set}")], NONE);
    }
    assert_eq!(shown["go NoNewPrivs"], "0");
    assert_eq!(shown["target NoNewPrivs"], "1");
    assert_eq!(shown["removed"], "true");
    assert_eq!(shown["own files"], "true");
}

fn folder_of(uid: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    chown(folder.path(), Some(uid), Some(uid)).unwrap();
    folder
}

/// A copy of this program in a folder that only root may search, as `cargo install` makes it for root.
fn hidden_copy() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("goproctor");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    (folder, copy)
}

fn as_user(command: &mut Command, program: &Path, uid: u32) {
    *command = Command::new(program);
    command
        .args(["settle", "/", ""])
        .uid(uid)
        .gid(uid)
        .env("HOME", "/tmp");
}

fn file_capabilities() {
    let (folder, copy) = hidden_copy();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let set = Command::new("setcap")
        .arg("cap_bpf,cap_perfmon=p")
        .arg(&copy)
        .status()
        .unwrap();
    assert!(set.success());
    let shown = settle(|command| as_user(command, &copy, NOBODY_KNOWS));
    assert_eq!(shown["way"], "User");
    assert_eq!(shown["may probe"], "true");
    assert_eq!(shown["self CapPrm"], PROBING);
    assert_user(&shown, NOBODY_KNOWS, NOBODY_KNOWS);
    assert_powerless_children(&shown);
}

fn ordinary_user() {
    let (folder, copy) = hidden_copy();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let shown = settle(|command| as_user(command, &copy, NOBODY_KNOWS));
    assert_eq!(shown["way"], "User");
    assert_eq!(shown["may probe"], "false");
    assert_eq!(shown["self CapPrm"], NONE);
    assert_powerless_children(&shown);
}

fn sudo() {
    let (_folder, copy) = hidden_copy();
    let shown = settle(|command| {
        *command = Command::new(&copy);
        command
            .args(["settle", "/", ""])
            .env("SUDO_UID", "65534")
            .env("SUDO_GID", "65534");
    });
    assert_eq!(shown["way"], "Sudo");
    assert_eq!(shown["may probe"], "true");
    assert_eq!(
        shown["explanation"],
        "go and the program run as nobody (uid 65534), who ran sudo"
    );
    assert_eq!(shown["notice"], "");
    assert_eq!(shown["dumpable"], "false");
    assert_eq!(shown["self CapPrm"], PROBING);
    // Debian's nobody has /nonexistent.
    assert_eq!(shown["home"], "/tmp/goproctor-home-65534");
    assert_user(&shown, 65534, 65534);
    assert_powerless_children(&shown);
}

fn broken_sudo() {
    for value in ["", "-1", "4294967295", "me"] {
        let shown = settle(|command| {
            command.args(["settle", "/", ""]).env("SUDO_UID", value);
        });
        assert!(shown["error"].starts_with("SUDO_UID is"), "{shown:?}");
    }
}

fn owner() {
    let folder = folder_of(NOBODY_KNOWS);
    let shown = settle(|command| {
        command.arg("settle").arg(folder.path()).arg("");
    });
    assert_eq!(shown["way"], "Owner");
    assert_eq!(shown["may probe"], "true");
    assert_eq!(
        shown["explanation"],
        format!("go and the program run as uid {NOBODY_KNOWS}, who owns the files")
    );
    assert_eq!(shown["self CapPrm"], PROBING);
    assert_eq!(shown["home"], format!("/tmp/goproctor-home-{NOBODY_KNOWS}"));
    assert_user(&shown, NOBODY_KNOWS, NOBODY_KNOWS);
    assert_powerless_children(&shown);

    let shown = settle(|command| {
        command.args(["settle", "/no/such/spec", ""]);
    });
    assert!(
        shown["error"].starts_with("cannot see who owns /no/such/spec"),
        "{shown:?}"
    );
}

fn named() {
    for name in ["nobody", "65534"] {
        let shown = settle(|command| {
            command.args(["settle", "/", name]);
        });
        assert_eq!(shown["way"], "Named");
        assert_user(&shown, 65534, 65534);
        assert_powerless_children(&shown);
    }
    let shown = settle(|command| {
        command.args(["settle", "/", "no-such-user"]);
    });
    assert!(
        shown["error"].contains("no user \"no-such-user\""),
        "{shown:?}"
    );
}

fn root_that_was_named() {
    let shown = settle(|command| {
        command.args(["settle", "/", "root"]);
    });
    assert_eq!(shown["way"], "Named");
    assert_eq!(shown["notice"], "");
    assert_eq!(shown["target Uid"], "0 0 0 0");
    assert_eq!(shown["target CapPrm"], NONE);
    assert_eq!(shown["target NoNewPrivs"], "1");
}

fn root() {
    let shown = settle(|command| {
        command.args(["settle", "/", ""]);
    });
    assert_eq!(shown["way"], "Root");
    assert_eq!(shown["may probe"], "true");
    assert!(shown["notice"].contains("root"));
    assert_eq!(shown["self CapPrm"], PROBING);
    assert_eq!(shown["go Uid"], "0 0 0 0");
    assert_eq!(shown["target Uid"], "0 0 0 0");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(shown[&format!("target {set}")], NONE);
    }
    assert_eq!(shown["target NoNewPrivs"], "1");
    assert_eq!(shown["removed"], "true");
}
