//! A test in a recording: how it began, and what is known at its end beside its records. What the fields mean is what they
//! mean in [`model`].

use std::collections::BTreeMap;

use super::{
    form::{Form, forms},
    plan::ProbeKind,
    program::SourcePosition,
};
use crate::recording::contents;

forms! {
    struct TestBegin for contents::TestBegin { name: String, fresh_process: bool }

    struct TestEnd for contents::TestEnd {
        window: (u64, u64),
        loss: Loss,
        exchanges: Vec<Exchange>,
        stubs: Vec<StubUse>,
        timed_out: bool,
        completion or default: Option<Completion>,
        races or default: Option<Races>,
        carried or default: Carried,
        output or default: Option<Output>,
        ending or default: Option<Ending>,
        substitutions: Vec<(String, String)>,
        functions: BTreeMap<u64, String>,
    }

    struct Loss for model::Loss { sites: Vec<SiteLoss> }

    struct SiteLoss for model::SiteLoss {
        site: u32,
        function: Option<u32>,
        probes or default: Vec<ProbeKind>,
        lost: u64,
        gaps or default: Vec<Gap>,
        counted or default: Option<u64>,
    }

    struct Gap for model::Gap {
        first: u64, last: u64, lost: u64,
        after or default: Option<u64>,
        before or default: Option<u64>,
    }

    struct Exchange for model::Exchange {
        entry: usize,
        number: u32,
        method: String,
        target: String,
        local_port: u16,
        position: u32,
        stream or default: Option<u32>,
        sent: u64,
        took: u64,
        answer: Answer,
    }

    enum Answer for model::Answer {
        Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, truncated: bool },
        TimedOut,
        Failed(reason: String),
    }

    struct StubUse for model::StubUse {
        name: String,
        requests: Vec<String>,
        unanswered or default: Vec<usize>,
        received or default: Vec<Received>,
        forwarded or default: Vec<Forwarded>,
    }

    struct Forwarded for model::Forwarded {
        round: u64,
        method: String,
        path: String,
        answer: Answer,
    }

    struct Received for model::Received {
        method: String,
        target: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        truncated or default: bool,
    }

    #[derive(Default)]
    struct Carried for model::Carried {
        missed or default: Vec<Missed>,
        notes or default: Vec<String>,
    }

    struct Missed for model::Missed { entry: usize, name: String, found: String }

    struct Completion for model::Completion {
        end: End,
        #[serde(rename = "after_ns")]
        after: u64,
        #[serde(rename = "limit_ns")]
        limit: u64,
        running or default: Running,
    }

    enum End for model::End { Settled, SettlePassed, Deadline, ProcessEnded, Ready }

    #[derive(Default)]
    struct Running for model::Running {
        requests or default: Vec<String>,
        goroutines or default: Vec<RunningGoroutine>,
        more or default: u64,
        hand_offs or default: u64,
    }

    struct RunningGoroutine for model::RunningGoroutine {
        goid: u64,
        function: Option<String>,
        started or default: Option<CodePlace>,
    }

    struct CodePlace for model::CodePlace { function: String, position: SourcePosition }

    struct Output for model::Output { stdout: Written, stderr: Written }

    struct Written for model::Written { bytes: Vec<u8>, truncated or default: bool }

    struct Ending for model::Ending {
        exit or default: Option<Exit>,
        signalled or default: Option<u64>,
    }

    enum Exit for model::Exit { Code(status: i32), Signal(name: String), Unknown }

    struct Races for model::Races {
        reports: Vec<Race>,
        more or default: u64,
        unread or default: bool,
    }

    struct Race for model::Race { when: RaceTime, text: String }

    enum RaceTime for model::RaceTime { Before, During, After }
}
