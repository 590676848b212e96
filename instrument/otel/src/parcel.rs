//! One thing to deliver: a conflict or a suspect, or a count of those that an earlier one stands for.

use std::sync::Arc;

use checkedmap::report::{Record, Repeat, Report, Suspect, SuspectRepeat};

use crate::identity::{Class, Seed};
use crate::spool::Page;

/// Where a parcel comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This process.
    Live,
    /// The spool of a process that has died.
    Recovered,
}

/// What it says.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Report(Arc<Report>),
    Repeat(Arc<Repeat>),
    Suspect(Arc<Suspect>),
    SuspectRepeat(Arc<SuspectRepeat>),
}

impl Content {
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Report(report) => report.to_json(),
            Self::Repeat(repeat) => repeat.to_json(),
            Self::Suspect(suspect) => suspect.to_json(),
            Self::SuspectRepeat(repeat) => repeat.to_json(),
        }
    }

    /// What tells the report that it is, or belongs to, from all others.
    pub(crate) fn seed(&self, pid: u32, epoch: u64) -> Seed {
        let (class, number) = match self {
            Self::Report(report) => (Class::Conflict, report.number),
            Self::Repeat(repeat) => (Class::Conflict, repeat.number),
            Self::Suspect(suspect) => (Class::Suspect, suspect.number),
            Self::SuspectRepeat(repeat) => (Class::Suspect, repeat.number),
        };
        Seed { class, pid, number, epoch }
    }
}

impl TryFrom<Record> for Content {
    type Error = Record;

    /// Hands back what a later version of the library has besides.
    fn try_from(record: Record) -> Result<Self, Record> {
        match record {
            Record::Report(report) => Ok(Self::Report(Arc::from(report))),
            Record::Repeat(repeat) => Ok(Self::Repeat(Arc::new(repeat))),
            Record::Suspect(suspect) => Ok(Self::Suspect(Arc::from(suspect))),
            Record::SuspectRepeat(repeat) => Ok(Self::SuspectRepeat(Arc::new(repeat))),
            other => Err(other),
        }
    }
}

/// See the module's page.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) content: Content,
    pub(crate) origin: Origin,
    pub(crate) seed: Seed,
    /// Where it is on disk.
    pub(crate) page: Option<Page>,
    /// Whether metrics have counted it: a second try must not count it twice.
    pub(crate) counted: bool,
}

impl Parcel {
    /// A copy for the metrics, the first time it is asked for.
    pub(crate) fn count(&mut self) -> Option<Self> {
        (!std::mem::replace(&mut self.counted, true)).then(|| self.clone())
    }
}
