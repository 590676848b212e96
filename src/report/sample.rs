//! A report for tests.

use super::*;
use crate::access::AccessKind;
use crate::conflict::trace::{Missing, Moment};
use crate::context::RequestContext;

fn site(file: &str, line: u32) -> SourceSite {
    SourceSite { file: file.to_owned(), line, column: 9 }
}

fn frame(function: &str, file: &str, line: u32, user: bool) -> Frame {
    let (function, file) = (Some(function.to_owned()), Some(file.to_owned()));
    Frame { function, file, line: Some(line), column: Some(9), user, address: u64::from(line) }
}

fn library() -> Frame {
    frame("tokio::runtime::task::poll", "/home/ana/.cargo/registry/src/i/tokio-1.0.0/src/lib.rs", 1, false)
}

pub(crate) fn report() -> Report {
    Report {
        #[cfg(feature = "serde")]
        schema: json::Schema,
        number: 7,
        pid: 4700,
        kind: ConflictKind::WriteWrite,
        map: MapIdentity {
            id: 3,
            name: Some("sessions".to_owned()),
            type_name: "(u64, staging::Session)".to_owned(),
            created: site("src/main.rs", 12),
        },
        contender: Side {
            role: Role::Contender,
            operation: "insert".to_owned(),
            access: AccessKind::Write,
            site: site("src/login.rs", 33),
            thread: ThreadIdentity { id: 4702, name: Some("worker-1".to_owned()), ended: false },
            stack: StackTrace::Taken {
                moment: Moment::Entering,
                frames: vec![
                    frame("staging::login::store", "src/login.rs", 33, true),
                    frame("staging::login::handler", "src/login.rs", 20, true),
                    library(),
                    library(),
                    frame("staging::main", "src/main.rs", 8, true),
                    library(),
                ],
                truncated: false,
            },
            context: RequestContext {
                trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
                span_id: Some("00f067aa0ba902b7".to_owned()),
                task: Some("19".to_owned()),
                baggage: vec![("tenant".to_owned(), "acme".to_owned())],
            },
        },
        holder: Some(Side {
            role: Role::Holder,
            operation: "insert".to_owned(),
            access: AccessKind::Write,
            site: site("src/janitor.rs", 42),
            thread: ThreadIdentity { id: 4701, name: None, ended: false },
            stack: StackTrace::Taken {
                moment: Moment::Leaving,
                frames: vec![library(), frame("staging::janitor::sweep", "src/janitor.rs", 42, true)],
                truncated: false,
            },
            context: RequestContext::default(),
        }),
        mode: Mode::Log,
        outcome: Outcome::Waited,
        detected: 1_700_000_000_000_000_001,
        holder_left: Some(1_700_000_000_001_000_002),
        admitted: Some(1_700_000_000_001_200_003),
        waited: Some(1_200_002),
        count: 3,
        hunt_seed: None,
    }
}

/// One with everything, and one with everything that can be missing.
pub(crate) fn reports() -> [Report; 2] {
    let mut bare = report();
    bare.holder = None;
    bare.map.name = None;
    bare.contender.context = RequestContext::default();
    bare.contender.stack = StackTrace::Missing { reason: Missing::Disabled };
    (bare.holder_left, bare.admitted, bare.waited) = (None, None, None);
    [report(), bare]
}

pub(crate) fn holder(report: &mut Report) -> &mut Side {
    report.holder.as_mut().expect("the sample has a holder")
}

pub(crate) fn repeat() -> Repeat {
    let Report { number, pid, kind, map, .. } = report();
    Repeat {
        number,
        pid,
        kind,
        map: Some(map),
        count: 41,
        first: 1_700_000_000_000_000_001,
        last: 1_700_000_003_500_000_001,
    }
}

pub(crate) fn suspect() -> Suspect {
    let Report { pid, map, contender, holder, .. } = report();
    let mut intervening = holder.expect("the sample has a holder");
    intervening.role = Role::Intervening;
    if let StackTrace::Taken { moment, .. } = &mut intervening.stack {
        *moment = Moment::Entering;
    }
    let mut lookup = contender.clone();
    (lookup.role, lookup.operation, lookup.access) = (Role::Lookup, "get".to_owned(), AccessKind::Read);
    lookup.site = site("src/login.rs", 30);
    lookup.context = RequestContext::default();
    lookup.stack = StackTrace::Missing { reason: Missing::Disabled };
    Suspect {
        #[cfg(feature = "serde")]
        schema: json::Schema,
        severity: Severity::Suspect,
        kind: SuspectKind::StaleCheck,
        number: 3,
        pid,
        map,
        found: Found::Absent,
        effect: Effect::Overwritten,
        lookup,
        intervening,
        acting: Side { role: Role::Acting, ..contender },
        elapsed: 41_200,
        intervened: Some(12_300),
        detected: 1_700_000_000_000_000_001,
        count: 2,
        hunt_seed: None,
    }
}

pub(crate) fn suspect_repeat() -> SuspectRepeat {
    let Suspect { number, pid, kind, severity, map, .. } = suspect();
    let (first, last) = (1_700_000_000_000_000_001, 1_700_000_003_500_000_001);
    SuspectRepeat { number, pid, kind, severity: Some(severity), map: Some(map), count: 12, first, last }
}
