//! A finding: what one or many processes met at the same places of the source.

use std::collections::BTreeSet;
use std::fmt;

use checkedmap::ConflictKind;
use checkedmap::report::{MapIdentity, Report, Severity, Side, Suspect, SuspectKind};

use crate::input::Source;

/// Whether accesses collided, or their order looks wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    Conflict,
    Suspect,
}

impl Class {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Suspect => "suspect",
        }
    }
}

/// What a finding is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grade {
    Conflict,
    Suspect,
    /// A suspect that says no more than a [`Severity::Hint`] does.
    Hint,
}

/// How the accesses of a finding go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Conflict(ConflictKind),
    Suspect(SuspectKind),
}

impl Kind {
    pub(crate) fn class(self) -> Class {
        match self {
            Self::Conflict(_) => Class::Conflict,
            Self::Suspect(_) => Class::Suspect,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(kind) => kind.fmt(f),
            Self::Suspect(kind) => kind.fmt(f),
        }
    }
}

/// A map as all processes know it: by its name, or by where it is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Map {
    pub(crate) name: Option<String>,
    /// `file:line:column`; empty for named maps that are made in several places.
    pub(crate) created: String,
    pub(crate) type_name: String,
}

impl From<&MapIdentity> for Map {
    fn from(map: &MapIdentity) -> Self {
        Self { name: map.name.clone(), created: map.created.to_string(), type_name: map.type_name.clone() }
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "`{name}`"),
            None => write!(f, "the unnamed map made at {}", self.created),
        }
    }
}

/// One access of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// The method's name.
    pub(crate) operation: String,
    /// What part it has, where the order matters.
    pub(crate) part: Option<&'static str>,
}

impl Place {
    fn of(side: &Side, part: Option<&'static str>) -> Self {
        let site = side.site.clone();
        Self { file: site.file, line: site.line, column: site.column, operation: side.operation.clone(), part }
    }

    pub(crate) fn site(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = self.part {
            write!(f, "{part}: ")?;
        }
        write!(f, "`{}` at {}", self.operation, self.site())
    }
}

/// What makes two reports tell of the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) kind: Kind,
    pub(crate) map: Map,
    /// Which of two colliding accesses is inside first is chance, so a pair is one origin either way round. Empty where
    /// only counts have come through, and the report they belong to has not.
    pub(crate) places: Vec<Place>,
}

impl Origin {
    pub(crate) fn of_report(report: &Report) -> Self {
        let mut places: Vec<_> =
            report.holder.iter().chain([&report.contender]).map(|side| Place::of(side, None)).collect();
        places.sort();
        Self { kind: Kind::Conflict(report.kind), map: (&report.map).into(), places }
    }

    /// Of the three accesses of a suspect the order is the point.
    pub(crate) fn of_suspect(suspect: &Suspect) -> Self {
        let steps = [&suspect.lookup, &suspect.intervening, &suspect.acting];
        let places =
            steps.iter().zip(["lookup", "intervening", "acting"]).map(|(side, part)| Place::of(side, Some(part)));
        Self { kind: Kind::Suspect(suspect.kind), map: (&suspect.map).into(), places: places.collect() }
    }
}

/// Everything known about one origin.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) origin: Origin,
    pub(crate) count: u64,
    /// In nanoseconds since 1970.
    pub(crate) first: u64,
    /// In nanoseconds since 1970.
    pub(crate) last: u64,
    /// A process is its id in its file: ids come again on other machines and in other containers.
    pub(crate) processes: BTreeSet<(Source, u32)>,
    /// The highest that a suspect of it has; none for conflicts.
    pub(crate) severity: Option<Severity>,
}

impl Finding {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { origin, count: 0, first: u64::MAX, last: 0, processes: BTreeSet::new(), severity: None }
    }

    pub(crate) fn add(&mut self, count: u64, first: u64, last: u64, process: (Source, u32)) {
        self.count = self.count.saturating_add(count);
        self.first = self.first.min(first);
        self.last = self.last.max(last);
        self.processes.insert(process);
    }

    pub(crate) fn class(&self) -> Class {
        self.origin.kind.class()
    }

    pub(crate) fn grade(&self) -> Grade {
        match (self.class(), self.severity) {
            (Class::Conflict, _) => Grade::Conflict,
            (Class::Suspect, Some(Severity::Hint)) => Grade::Hint,
            (Class::Suspect, _) => Grade::Suspect,
        }
    }

    /// Its kind for people, who are to see at once that a hint is one.
    pub(crate) fn what(&self) -> String {
        match self.severity {
            Some(Severity::Hint) => format!("{} hint", self.origin.kind),
            _ => self.origin.kind.to_string(),
        }
    }
}
