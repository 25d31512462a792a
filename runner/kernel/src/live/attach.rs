//! Probes come and go.

use std::fmt::Write as _;

use model::{
    FileOffset, Register, SiteId,
    plan::{self, GoroutineSource, Link, Operand, Read},
};

use super::fixture::Fixture;
use crate::{Kernel, KernelError, LinkKind, LoadOptions};

/// A program of so many functions that each return at two places.
fn source(functions: usize) -> String {
    let mut source = String::from(
        "package main\n\nimport (\n\t\"bufio\"\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tbufio.NewReader(os.Stdin).ReadString('\\n')\n\tsum := 0\n",
    );
    for number in 0..functions {
        writeln!(source, "\tsum += f{number}(sum)").unwrap();
    }
    source.push_str(
        "\tfmt.Println(\"sum\", sum)\n}\n\n//go:noinline\nfunc g(n int) int { return n & 1 }\n",
    );
    for number in 0..functions {
        write!(
            source,
            "\n//go:noinline\nfunc f{number}(n int) int {{\n\tif g(n) == 0 {{\n\t\treturn {number}\n\t}}\n\treturn g(n + {number})\n}}\n"
        )
        .unwrap();
    }
    source
}

#[test]
fn thousands_of_probes_are_set_and_taken_off_at_once() {
    const FUNCTIONS: usize = 1500;
    let fixture = Fixture::build("go1.26.8", &source(FUNCTIONS));
    let functions = fixture.functions("main.f");
    assert_eq!(functions.len(), FUNCTIONS);
    let mut addresses = Vec::new();
    for (begin, code) in functions.values() {
        addresses.push(Fixture::after_check_of(*begin, code));
        addresses.extend(Fixture::returns(*begin, code));
    }
    assert!(addresses.len() >= 3 * FUNCTIONS, "{}", addresses.len());
    let sites = fixture.sites(&addresses, GoroutineSource::Register);
    let plan = fixture.plan(sites, Vec::new());

    let mut kernel = Kernel::load(&plan, &LoadOptions::default()).unwrap();
    let report = kernel.attach(&fixture.binary).unwrap();
    assert_eq!(report.sites, addresses.len());
    fixture.start(&[]).finish();
    kernel.detach().unwrap();
    let hits: u64 = kernel.hits().unwrap().iter().map(|count| count.hits).sum();
    assert_eq!(hits as usize, 2 * FUNCTIONS, "an entry and a return each");

    fixture.start(&[]).finish();
    let after: u64 = kernel.hits().unwrap().iter().map(|count| count.hits).sum();
    assert_eq!(after, hits, "nothing is seen any more");
}

#[test]
fn where_probes_are_attached_one_by_one_the_same_is_seen() {
    let fixture = Fixture::build("go1.26.8", &source(2));
    let addresses = [
        fixture.after_check("main.f0"),
        fixture.after_check("main.f1"),
    ];
    let plan = fixture.plan(
        fixture.sites(&addresses, GoroutineSource::Register),
        Vec::new(),
    );
    let mut kernel = Kernel::load_as(&plan, &LoadOptions::default(), LinkKind::Single).unwrap();
    kernel.calibrate().unwrap();
    let report = kernel.attach(&fixture.binary).unwrap();
    assert_eq!((report.sites, report.kind), (2, LinkKind::Single));
    let estimate = report.detach_estimate.unwrap();
    assert!(!estimate.is_zero());
    fixture.start(&[]).finish();
    kernel.detach().unwrap();
    assert!(
        kernel
            .hits()
            .unwrap()
            .iter()
            .all(|count| count.hits == 1 && count.lost == 0)
    );

    let many = vec![addresses[0]; 257];
    let plan = fixture.plan(fixture.sites(&many, GoroutineSource::Register), Vec::new());
    let mut kernel = Kernel::load_as(&plan, &LoadOptions::default(), LinkKind::Single).unwrap();
    kernel.calibrate().unwrap();
    let error = kernel.attach(&fixture.binary).unwrap_err();
    assert!(
        matches!(
            error,
            KernelError::TooManySites {
                sites: 257,
                estimate: Some(_),
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("would take about "), "{error}");
}

#[test]
fn the_site_that_can_not_be_probed_is_named() {
    let fixture = Fixture::build("go1.26.8", &source(2));
    let mut sites = fixture.sites(
        &[fixture.after_check("main.f0"); 3],
        GoroutineSource::Register,
    );
    sites[2].offset = FileOffset(1 << 40);
    let plan = fixture.plan(sites, Vec::new());
    let mut kernel = Kernel::load(&plan, &LoadOptions::default()).unwrap();
    match kernel.attach(&fixture.binary).unwrap_err() {
        KernelError::Attach { site, offset, .. } => {
            assert_eq!((site, offset), (SiteId(2), FileOffset(1 << 40)));
        }
        other => panic!("{other}"),
    }
    let error = kernel.attach(&fixture.folder().join("absent")).unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(error.to_string().contains("os error 2"), "{error}");
}

/// Most of the time that loading takes is the verifier's: what no site of a plan can need is not looked at.
#[test]
fn what_a_plan_does_not_need_is_not_verified() {
    let fixture = Fixture::build("go1.26.8", &source(2));
    let verified = |bytes: u32| {
        let mut sites = fixture.sites(&[fixture.after_check("main.f0")], GoroutineSource::Register);
        sites[0].limits.bytes = bytes;
        let link = Link::new(0, plan::LinkKind::Counted, 1, bytes);
        sites[0].reads = vec![Read::new(
            Operand::Register(Register::Rax),
            Operand::Register(Register::Rbx),
            link,
        )];
        let plan = fixture.plan(sites, Vec::new());
        let mut kernel = Kernel::load(&plan, &LoadOptions::default()).unwrap();
        kernel.verified_instructions().unwrap()
    };
    let (little, much) = (verified(64), verified(30_000));
    assert!(little * 3 < much, "{little} and {much} instructions");
}
