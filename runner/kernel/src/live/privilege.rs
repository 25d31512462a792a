//! Two capabilities are enough, for single links CAP_SYS_ADMIN besides, and they are effective only meanwhile.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use caps::CapSet;
use model::plan::Plan;

use crate::{
    Kernel, KernelError, LinkKind, LoadOptions, capabilities, file_capabilities, own_sites,
};

/// A plan of one site, which is never attached.
fn plan() -> Plan {
    let [site, ..] = own_sites::calibration(&Plan::default());
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
        assert!(matches!(error, KernelError::Privilege(_)), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("setcap {}", file_capabilities())),
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

/// CAP_SYS_ADMIN is raised for single links alone. This kernel may be one that takes it, or one that does not yet: without it
/// either all goes well, or the error is the one that says so.
#[test]
fn single_links_take_what_the_kernel_asks_for_them() {
    use caps::Capability::{CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN};
    let permit = |capabilities: &[caps::Capability]| {
        let permitted = capabilities.iter().copied().collect();
        caps::clear(None, CapSet::Effective).unwrap();
        caps::set(None, CapSet::Permitted, &permitted).unwrap();
    };
    std::thread::spawn(move || {
        permit(&[CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN]);
        let load = || Kernel::load_as(&plan(), &LoadOptions::default(), LinkKind::Single).unwrap();
        assert!(load().calibrate().unwrap().emulated.0 > 0);
        assert!(effective().is_empty(), "{:?}", effective());

        permit(&[CAP_BPF, CAP_PERFMON]);
        match load().calibrate() {
            Ok(cost) => assert!(cost.emulated.0 > 0),
            Err(KernelError::SingleLinks { error, .. }) => {
                assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            }
            Err(other) => panic!("{other}"),
        }
        assert!(effective().is_empty(), "{:?}", effective());
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
        .arg(file_capabilities())
        .arg(&copy)
        .status()
        .unwrap();
    assert!(status.success());
    let output = Command::new("setpriv")
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(&copy)
        .args([
            "--exact",
            "live::privilege::capabilities_are_effective_only_meanwhile",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
