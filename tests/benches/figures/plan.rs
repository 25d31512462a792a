//! How quickly a large binary is read and planned.

use std::time::Instant;

use golang::Binary;
use plan::{PlanRequest, WatchedLabel};

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
    peers,
};

const ROUNDS: usize = 5;
/// The bar, in ms.
const BAR: f64 = 700.0;
/// Functions and methods of the program, its dependencies and the standard library.
const FUNCTIONS: [&str; 10] = [
    "main.main",
    "net/http.(*conn).serve",
    "net/http.(*Server).Serve",
    "net/http.(*Transport).roundTrip",
    "crypto/tls.(*Conn).clientHandshake",
    "encoding/json.Unmarshal",
    "github.com/caddyserver/caddy/v2.Load",
    "github.com/caddyserver/caddy/v2.Run",
    "github.com/caddyserver/caddy/v2/modules/caddyhttp.(*Server).ServeHTTP",
    "github.com/caddyserver/caddy/v2/modules/caddyhttp.(*App).Start",
];

/// Measures a plan for ten functions of caddy, beside dlv's way to the same point.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let binary = Binary::open(&setup.caddy)?;
        let labels = FUNCTIONS.map(|name| WatchedLabel::new(name, name)).into();
        let built = plan::build(&binary, &PlanRequest::new(labels))?;
        ours.push(ms(begin.elapsed()));
        if built.plan.functions.len() != FUNCTIONS.len() {
            return Err("the plan has not the ten functions".into());
        }
        theirs.push(ms(peers::delve_load(setup, &setup.caddy)?));
    }
    let megabytes = setup.caddy.metadata()?.len() / 1_000_000;
    let name = format!("plan for 10 functions of caddy ({megabytes} MB)");
    let cost = board.judge(&name, Unit::Ms, &ours, BAR)?;
    board.compare("dlv exec, to a breakpoint in it", Unit::Ms, &theirs, cost)?;
    Ok(())
}
