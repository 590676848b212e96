//! The conflicts, gathered by a sink: which pairs of places collide, and how often.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use checkedmap::report::{Frame, Repeat, Report, Side, SourceSite, StackTrace};
use checkedmap::sink::{Sink, add_sink};
use parking_lot::Mutex;

/// Whose code made an access, by its stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Actor {
    /// A function of the service.
    Handler(String),
    /// A function of the janitor.
    Janitor(String),
    /// The stack is missing, or names neither.
    Unknown,
}

impl Actor {
    fn of(side: &Side) -> Self {
        let StackTrace::Taken { frames, .. } = &side.stack else { return Self::Unknown };
        let find = |module| frames.iter().find_map(|frame| function_in(module, frame));
        match (find("service"), find("janitor")) {
            (Some(handler), _) => Self::Handler(handler),
            (None, Some(janitor)) => Self::Janitor(janitor),
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Handler(function) | Self::Janitor(function) => function,
            Self::Unknown => "(no stack)",
        })
    }
}

/// `service::login` of `staging::service::login::{{closure}}`, if the frame is of that module of this program. Debug
/// information that has only lines does not name the function that a closure is in; the line has to do then.
fn function_in(module: &str, frame: &Frame) -> Option<String> {
    let (file, function) = (frame.file.as_deref()?, frame.function.as_deref()?);
    if !file.ends_with(&format!("staging/{module}.rs")) {
        return None;
    }
    let path = function.strip_prefix("staging::").map_or_else(|| format!("{module}::{function}"), str::to_owned);
    match (path.split_once("::{"), frame.line) {
        (None, _) => Some(path),
        (Some((outer, _)), Some(line)) if outer == module => Some(format!("{module}.rs:{line}")),
        (Some((outer, _)), _) => Some(outer.to_owned()),
    }
}

/// One side of a pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) actor: Actor,
    pub(crate) operation: String,
    pub(crate) site: String,
}

impl Place {
    fn of(side: &Side) -> Self {
        let SourceSite { file, line, .. } = &side.site;
        Self { actor: Actor::of(side), operation: side.operation.clone(), site: format!("{file}:{line}") }
    }
}

/// Two places that collided, and which of them was inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) kind: &'static str,
    pub(crate) contender: Place,
    /// `None` where the library could not name it.
    pub(crate) holder: Option<Place>,
}

impl Pair {
    /// Whether both stacks are there, one naming a handler and the other the janitor.
    pub(crate) fn names_handler_and_janitor(&self) -> bool {
        use Actor::{Handler, Janitor};
        let holder = self.holder.as_ref().map(|place| &place.actor);
        matches!((&self.contender.actor, holder), (Handler(_), Some(Janitor(_))) | (Janitor(_), Some(Handler(_))))
    }
}

/// The sink. Clones share what they gather.
#[derive(Clone, Default)]
pub(crate) struct Findings(Arc<Mutex<Gathered>>);

#[derive(Default)]
struct Gathered {
    counts: BTreeMap<Pair, u64>,
    /// Which pair each report is about, for the repeats that refer to it by number.
    reports: BTreeMap<u64, Pair>,
}

impl Findings {
    /// Begins to gather, beside the sinks that `CHECKEDMAP_REPORT` asks for.
    pub(crate) fn collect() -> Self {
        let findings = Self::default();
        add_sink(findings.clone());
        findings
    }

    /// The reports by number, each with its pair.
    pub(crate) fn reports(&self) -> Vec<(u64, Pair)> {
        self.0.lock().reports.clone().into_iter().collect()
    }

    /// The pairs with their counts, the most frequent first.
    pub(crate) fn pairs(&self) -> Vec<(Pair, u64)> {
        let mut pairs: Vec<_> = self.0.lock().counts.clone().into_iter().collect();
        pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        pairs
    }
}

impl Sink for Findings {
    fn report(&self, report: &Report) {
        let pair = Pair {
            kind: report.kind.as_str(),
            contender: Place::of(&report.contender),
            holder: report.holder.as_ref().map(Place::of),
        };
        let mut gathered = self.0.lock();
        *gathered.counts.entry(pair.clone()).or_default() += report.count;
        gathered.reports.insert(report.number, pair);
    }

    fn repeated(&self, repeat: &Repeat) {
        let mut gathered = self.0.lock();
        if let Some(pair) = gathered.reports.get(&repeat.number).cloned() {
            *gathered.counts.entry(pair).or_default() += repeat.count;
        }
    }
}
