//! A small Go program, built on the spot, and a plan made by hand for it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use arch::{Flow, instructions};
use model::{
    Address, FileOffset, Limits, SiteId,
    plan::{GoroutineSource, Plan, Read, RuntimeLayout, Site, ViewPlan},
};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

/// A Go program on disk.
pub(super) struct Fixture {
    folder: tempfile::TempDir,
    pub(super) binary: PathBuf,
    data: Vec<u8>,
}

impl Fixture {
    /// Builds a program of one file with a Go release.
    pub(super) fn build(release: &str, source: &str) -> Self {
        Self::build_with(release, source, &[])
    }

    /// The same with flags for `go build`.
    pub(super) fn build_with(release: &str, source: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.go"), source).unwrap();
        fs::write(folder.path().join("go.mod"), "module probed\n\ngo 1.15\n").unwrap();
        let binary = folder.path().join("probed");
        let output = Command::new("go")
            .args(["build", "-ldflags=-compressdwarf=false"])
            .args(flags)
            .arg("-o")
            .arg(&binary)
            .current_dir(folder.path())
            .envs([
                ("GOENV", "off"),
                ("GOTOOLCHAIN", release),
                ("GOFLAGS", "-mod=mod"),
            ])
            .envs([("CGO_ENABLED", "0"), ("GO111MODULE", "on")])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let data = fs::read(&binary).unwrap();
        Self {
            folder,
            binary,
            data,
        }
    }

    /// The folder that the program is in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Names, addresses and code of the functions that begin with `prefix`.
    pub(super) fn functions(&self, prefix: &str) -> BTreeMap<String, (u64, Vec<u8>)> {
        let file = object::File::parse(&*self.data).unwrap();
        let text = file.section_by_name(".text").unwrap();
        file.symbols()
            .filter_map(|symbol| Some((symbol.name().ok()?.to_owned(), symbol)))
            .filter(|(name, symbol)| name.starts_with(prefix) && symbol.size() > 0)
            .filter_map(|(name, symbol)| {
                let code = text.data_range(symbol.address(), symbol.size()).ok()??;
                Some((name, (symbol.address(), code.to_vec())))
            })
            .collect()
    }

    /// The address after a function's stack check.
    pub(super) fn after_check(&self, function: &str) -> Address {
        let (begin, code) = self.functions(function).remove(function).unwrap();
        Self::after_check_of(begin, &code)
    }

    /// The same for a function's code.
    pub(super) fn after_check_of(begin: u64, code: &[u8]) -> Address {
        let mut instructions = instructions(code, begin).map(Result::unwrap);
        instructions
            .find(|instruction| matches!(instruction.flow(), Flow::Branch(_)))
            .unwrap();
        Address(instructions.next().unwrap().address())
    }

    /// The addresses of a function's `ret`s.
    pub(super) fn returns(begin: u64, code: &[u8]) -> Vec<Address> {
        instructions(code, begin)
            .map(Result::unwrap)
            .filter(|instruction| instruction.flow() == Flow::Return)
            .map(|instruction| Address(instruction.address()))
            .collect()
    }

    /// Sites at these addresses that read nothing.
    pub(super) fn sites(&self, addresses: &[Address], goroutine: GoroutineSource) -> Vec<Site> {
        let file = object::File::parse(&*self.data).unwrap();
        let text = file.section_by_name(".text").unwrap();
        let shift = text.address() - text.file_range().unwrap().0;
        (0..)
            .zip(addresses)
            .map(|(number, address)| Site {
                id: SiteId(number),
                address: *address,
                offset: FileOffset(address.0 - shift),
                roles: Vec::new(),
                goroutine,
                reads: Vec::new(),
                limits: Limits::default(),
                hidden: Vec::new(),
                saves: Vec::new(),
                below: 0,
                instruction: model::plan::SiteInstruction::Plain,
                copies: Vec::new(),
            })
            .collect()
    }

    /// A plan of one site, after a function's stack check.
    pub(super) fn entry(
        &self,
        function: &str,
        goroutine: GoroutineSource,
        reads: Vec<Read>,
        views: Vec<ViewPlan>,
    ) -> Plan {
        let mut sites = self.sites(&[self.after_check(function)], goroutine);
        sites[0].reads = reads;
        self.plan(sites, views)
    }

    /// A plan of these sites.
    pub(super) fn plan(&self, sites: Vec<Site>, views: Vec<ViewPlan>) -> Plan {
        Plan {
            sites,
            views,
            runtime: self.runtime(),
            ..Plan::default()
        }
    }

    /// Where this program's runtime keeps what a hit needs.
    fn runtime(&self) -> RuntimeLayout {
        let file = object::File::parse(&*self.data).unwrap();
        let load = |id: gimli::SectionId| -> Result<_, gimli::Error> {
            let data = file
                .section_by_name(id.name())
                .map_or(&[][..], |it| it.data().unwrap());
            Ok(gimli::EndianSlice::new(data, gimli::LittleEndian))
        };
        let dwarf = gimli::Dwarf::load(load).unwrap();
        let mut offsets = BTreeMap::new();
        let mut units = dwarf.units();
        while let Some(header) = units.next().unwrap() {
            let unit = dwarf.unit(header).unwrap();
            let name_of = |entry: &gimli::DebuggingInformationEntry<_>| {
                let value = entry.attr_value(gimli::DW_AT_name)?;
                let name = dwarf.attr_string(&unit, value).ok()?;
                Some(name.to_string_lossy().into_owned())
            };
            let mut owner = String::new();
            let mut entries = unit.entries();
            while let Some(entry) = entries.next_dfs().unwrap() {
                match entry.tag() {
                    gimli::DW_TAG_structure_type => owner = name_of(entry).unwrap_or_default(),
                    gimli::DW_TAG_member
                        if matches!(&*owner, "runtime.g" | "runtime.m" | "runtime.stack") =>
                    {
                        let at = entry
                            .attr_value(gimli::DW_AT_data_member_location)
                            .and_then(|value| value.udata_value());
                        if let (Some(name), Some(at)) = (name_of(entry), at) {
                            offsets.insert(format!("{owner}.{name}"), at);
                        }
                    }
                    _ => {}
                }
            }
        }
        RuntimeLayout {
            tls_g: -8,
            g_goid: offsets["runtime.g.goid"],
            g_stack_hi: offsets["runtime.g.stack"] + offsets["runtime.stack.hi"],
            g_m: offsets["runtime.g.m"],
            g_startpc: offsets["runtime.g.startpc"],
            g_gopc: None,
            m_curg: offsets["runtime.m.curg"],
            ancestry: None,
            build_version: None,
            request: None,
            recovery: None,
        }
    }

    /// Starts the program; it waits for a line before it does anything.
    pub(super) fn start(&self, arguments: &[&str]) -> Running {
        let child = Command::new(&self.binary)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Running(child)
    }
}

/// A program that was started; it is killed when this is dropped.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn process(&self) -> u32 {
        self.0.id()
    }

    /// Lets it go and gives the lines that it prints until it ends, each a key and a number.
    pub(super) fn finish(mut self) -> Vec<(String, u64)> {
        self.0.stdin.take().unwrap().write_all(b"go\n").unwrap();
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let result = lines
            .map(|line| {
                let line = line.unwrap();
                let (key, value) = line.split_once(' ').unwrap();
                (key.to_owned(), value.parse().unwrap())
            })
            .collect();
        assert!(self.0.wait().unwrap().success());
        result
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
