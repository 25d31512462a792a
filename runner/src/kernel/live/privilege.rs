//! Two capabilities are enough, and they are effective only meanwhile.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use caps::CapSet;

use crate::{
    kernel::{Kernel, KernelError, LoadOptions, calibrate, capabilities},
    plan::Plan,
};

/// A plan of one site, which is never attached.
fn plan() -> Plan {
    let [site, _] = calibrate::sites(&Plan::default());
    Plan {
        sites: vec![site],
        ..Plan::default()
    }
}

/// The capabilities that are effective in this thread.
fn effective() -> caps::CapsHashSet {
    caps::read(None, CapSet::Effective).unwrap()
}

/// In a thread of its own, since capabilities are a thread's.
#[test]
fn capabilities_are_effective_only_meanwhile() {
    std::thread::spawn(|| {
        caps::clear(None, CapSet::Effective).unwrap();
        let mut kernel = Kernel::load(&plan(), &LoadOptions::default()).unwrap();
        assert!(effective().is_empty(), "{:?}", effective());
        let cost = kernel.calibrate().unwrap();
        assert!(cost.emulated.0 > 0);
        assert!(effective().is_empty(), "{:?}", effective());

        caps::clear(None, CapSet::Permitted).unwrap();
        let error = Kernel::load(&plan(), &LoadOptions::default())
            .err()
            .unwrap();
        assert!(matches!(error, KernelError::Privilege { .. }), "{error}");
        assert!(
            error.to_string().contains("setcap cap_bpf,cap_perfmon=p"),
            "{error}"
        );
        let missing = capabilities()
            .into_iter()
            .find(|it| it.name == "privilege")
            .unwrap();
        assert!(
            format!("{:?}", missing.state).starts_with("Missing"),
            "{missing:?}"
        );
    })
    .join()
    .unwrap();
}

/// What `capabilities_are_effective_only_meanwhile` does, done by a user who is nobody, with this test's own
/// executable that was given the two capabilities as `goproctor doctor` says.
#[test]
fn a_user_without_any_other_privilege_can_watch() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    let status = Command::new("setcap")
        .arg("cap_bpf,cap_perfmon=p")
        .arg(&copy)
        .status()
        .unwrap();
    assert!(status.success());
    let output = Command::new("setpriv")
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(&copy)
        .args([
            "--exact",
            "kernel::live::privilege::capabilities_are_effective_only_meanwhile",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
