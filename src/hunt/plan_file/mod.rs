//! The plan on disk.
//!
//! A file that is not there is an empty plan. One that is no plan is told once and left alone. The file is replaced in one
//! step, so that a reader finds the old plan or the new one, and it is read again before: another process may have
//! written it meanwhile.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::pairs::Key;
use super::plan::{ParsePlanError, Plan};

mod disk;
mod turn;
mod writing;

use disk::Found;
use writing::Writing;

/// See the module's page.
#[derive(Debug)]
pub(super) struct PlanFile {
    /// As the program's settings have it.
    named: PathBuf,
    /// What that was when the plan was read: the program may change its directory.
    path: PathBuf,
    /// Why it could not be read.
    fault: Option<Fault>,
    /// Something has been learnt that is not written yet. Written by accesses, and by whoever saves.
    news: AtomicBool,
    /// Held while the plan is written: who ends the program waits until the saver is through.
    writing: Writing,
    /// The fault that was told last, by a number; 0 after a success. Written by who holds `writing`.
    told: AtomicU64,
}

/// Why a plan could not be read or written.
#[derive(Debug)]
enum Fault {
    Io(io::Error),
    Parse(ParsePlanError),
    /// What is there is this.
    NoFile(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Parse(error) => error.fmt(f),
            Self::NoFile(what) => write!(f, "{what}, where a plan is a regular file"),
        }
    }
}

impl Fault {
    fn way_out(&self) -> &'static str {
        match self {
            Self::NoFile(_) => "name another",
            Self::Io(_) | Self::Parse(_) => "name another, or delete it",
        }
    }

    fn way_out_of_writing(&self) -> &'static str {
        match self {
            Self::Io(_) => "name a file in a directory that exists and is writable",
            Self::Parse(_) | Self::NoFile(_) => self.way_out(),
        }
    }
}

impl PlanFile {
    /// Reads the plan. What is wrong with it is for [`PlanFile::complain`] to say.
    pub(super) fn open(named: PathBuf) -> (Self, Plan) {
        let (path, fault, plan) = match disk::find(&named) {
            Ok(Found { path, plan }) => (path, None, plan),
            Err(fault) => (named.clone(), Some(fault), Plan::default()),
        };
        let (news, writing, told) = (AtomicBool::new(false), Writing::new(), AtomicU64::new(0));
        (Self { named, path, fault, news, writing, told }, plan)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says on standard error what is wrong with the file, if anything is. Once the settings are in force: a `tracing` subscriber
    /// may use a map.
    pub(super) fn complain(&self) {
        if let Some(fault) = &self.fault {
            complain(&format!(
                "CHECKEDMAP_HUNT_PLAN={:?}: {fault}; the hunt begins without a plan and leaves the file alone: {}",
                self.named,
                fault.way_out(),
            ));
        }
    }

    /// Whether it was read, so that it is ours to write.
    pub(super) fn is_usable(&self) -> bool {
        self.fault.is_none()
    }

    /// Takes note that there is something to write.
    pub(super) fn note(&self) {
        // Relaxed: a hint; what is written is read under the table's lock.
        self.news.store(true, Ordering::Relaxed);
    }

    /// Writes the plan if there is news. `learnt` returns what this run knows and what it has given up, unless that cannot be
    /// told now.
    pub(super) fn save(&self, learnt: impl FnOnce() -> Option<(Plan, Vec<Key>)>) {
        let Some(writing) = self.writing.begin() else { return };
        if !self.is_usable() || !self.news.swap(false, Ordering::Relaxed) {
            return;
        }
        let Some((mine, given_up)) = learnt() else { return self.note() };
        let fault = disk::update(&self.path, mine, &given_up).err();
        let fault = fault.map(|fault| {
            let way_out = fault.way_out_of_writing();
            format!("CHECKEDMAP_HUNT_PLAN={:?}: not written: {fault}; {way_out}", self.named)
        });
        if fault.is_some() {
            self.note();
        }
        let is_news = self.is_news(fault.as_deref());
        // Whoever is told may be the user's code, and may come back here.
        drop(writing);
        if let Some(fault) = fault.filter(|_| is_news) {
            complain(&fault);
        }
    }

    /// Whether there is a fault, and another one was said last.
    fn is_news(&self, fault: Option<&str>) -> bool {
        let number = fault.map_or(0, |text| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish().max(1)
        });
        // Relaxed: who holds `writing` is alone with it.
        self.told.swap(number, Ordering::Relaxed) != number && number != 0
    }
}

fn complain(text: &str) {
    // A closed stderr is no reason to fail.
    let _ = writeln!(io::stderr(), "checkedmap: {text}");
    // A subscriber is the user's code, and this may be any thread of theirs in the middle of anything.
    let _ = std::panic::catch_unwind(|| tracing::error!(target: "checkedmap", "{text}"));
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::hunt::pairs::{Meeting, Pairs};
    use crate::hunt::plan::tests::planned;

    pub(super) fn plan(line: u32, known: bool) -> Plan {
        let planned = planned(line, Some(0), "m");
        let mut pairs = Pairs::default();
        let meeting = Meeting { key: planned.key(), near_miss: Some(1), hand_over: false };
        pairs.meet(&meeting, Some(1_000_000), || planned.clone().into_pair());
        if known {
            pairs.find(planned.key(), || unreachable!("it is there"));
        }
        Plan::of(pairs.iter())
    }

    #[test]
    fn an_absent_file_is_an_empty_plan_and_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        let (file, read) = PlanFile::open(path.clone());
        assert_eq!(read, Plan::default());
        file.save(|| unreachable!("there is no news"));
        assert!(!path.exists());
        fs::write(&path, "").expect("it writes, as `mktemp` does");
        file.note();
        file.save(|| Some((plan(10, false), Vec::new())));
        assert_eq!(PlanFile::open(path.clone()).1, plan(10, false));
        let left = fs::read_dir(directory.path()).expect("it lists").count();
        assert_eq!(left, 1, "nothing but the plan is left behind");
    }

    #[test]
    fn what_could_not_be_written_is_written_next_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("later").join("plan");
        let (file, _) = PlanFile::open(path.clone());
        file.note();
        file.save(|| Some((plan(10, false), Vec::new())));
        fs::create_dir(directory.path().join("later")).expect("it is made");
        file.save(|| Some((plan(10, false), Vec::new())));
        assert_eq!(PlanFile::open(path).1, plan(10, false));
    }

    #[test]
    fn what_could_not_be_told_is_written_next_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        let (file, _) = PlanFile::open(path.clone());
        file.note();
        file.save(|| None);
        assert!(!path.exists());
        file.save(|| Some((plan(10, false), Vec::new())));
        assert_eq!(PlanFile::open(path).1, plan(10, false));
    }

    #[test]
    fn what_another_process_has_written_meanwhile_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        let open = || PlanFile::open(path.clone()).0;
        let (one, other) = (open(), open());
        for (file, plan) in [(&one, plan(10, true)), (&other, plan(20, false)), (&other, plan(10, false))] {
            file.note();
            file.save(|| Some((plan, Vec::new())));
        }
        assert!(open().is_usable());
        assert_eq!(PlanFile::open(path.clone()).1, plan(10, true).update(plan(20, false), &[]));
    }

    #[test]
    fn a_file_that_is_no_plan_is_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        for bytes in [&b"{}"[..], b"\xff\xfe"] {
            fs::write(&path, bytes).expect("it writes");
            let (file, read) = PlanFile::open(path.clone());
            assert_eq!(read, Plan::default());
            file.note();
            file.save(|| Some((plan(10, false), Vec::new())));
            assert_eq!(fs::read(&path).expect("it is there"), bytes);
        }
    }
}
