//! The plan on disk.
//!
//! A file that is not there is an empty plan. One that is no plan is told once and left alone. The file is replaced in one
//! step, so that a reader finds the old plan or the new one, and it is read again before: another process may have
//! written it meanwhile.

use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::pairs::Key;
use super::plan::{ParsePlanError, Plan};

/// More than the longest plan: what is larger was put there by mistake.
const LARGEST: u64 = 16 << 20;

/// How long to wait for another process that writes the same plan.
const PATIENCE: Duration = Duration::from_secs(1);

/// See the module's page.
#[derive(Debug)]
pub(super) struct PlanFile {
    path: PathBuf,
    /// Why it could not be read.
    fault: Option<Fault>,
    /// Something has been learnt that is not written yet. Written by accesses, and by whoever saves.
    news: AtomicBool,
    /// Held while the plan is written: who ends the program waits until the saver is through.
    writing: Mutex<()>,
}

#[derive(Debug)]
enum Fault {
    Io(io::Error),
    Parse(ParsePlanError),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Parse(error) => error.fmt(f),
        }
    }
}

impl PlanFile {
    /// Reads the plan. What is wrong with it is for [`PlanFile::complain`] to say.
    pub(super) fn open(path: PathBuf) -> (Self, Plan) {
        let (fault, plan) = match read(&path) {
            Ok(plan) => (None, plan),
            Err(fault) => (Some(fault), Plan::default()),
        };
        (Self { path, fault, news: AtomicBool::new(false), writing: Mutex::new(()) }, plan)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says on standard error what is wrong with the file, if anything is. Once the settings are in force: a `tracing` subscriber
    /// may use a map.
    pub(super) fn complain(&self) {
        if let Some(fault) = &self.fault {
            complain(&format!(
                "CHECKEDMAP_HUNT_PLAN={:?}: {fault}; the hunt begins without a plan and leaves the file alone: name another, or \
                 delete it",
                self.path
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

    /// Writes the plan if there is news. `learnt` returns what this run knows and what it has given up.
    pub(super) fn save(&self, learnt: impl FnOnce() -> (Plan, Vec<Key>)) {
        // After a `fork` the thread that was writing may not exist.
        let Some(_writing) = self.writing.try_lock_for(PATIENCE) else { return };
        if !self.is_usable() || !self.news.swap(false, Ordering::Relaxed) {
            return;
        }
        let (mine, given_up) = learnt();
        if let Err(fault) = update(&self.path, mine, &given_up) {
            self.note();
            complain(&format!("CHECKEDMAP_HUNT_PLAN={:?}: not written: {fault}", self.path));
        }
    }
}

fn complain(text: &str) {
    // A closed stderr is no reason to fail.
    let _ = writeln!(io::stderr(), "checkedmap: {text}");
    // A subscriber is the user's code, and this may be any thread of theirs in the middle of anything.
    let _ = std::panic::catch_unwind(|| tracing::error!(target: "checkedmap", "{text}"));
}

fn read(path: &Path) -> Result<Plan, Fault> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Plan::default()),
        Err(error) => return Err(Fault::Io(error)),
    };
    let mut text = String::new();
    let length = file.take(LARGEST + 1).read_to_string(&mut text).map_err(Fault::Io)?;
    if length as u64 > LARGEST {
        return Err(Fault::Io(io::Error::new(ErrorKind::FileTooLarge, "too large for a plan")));
    }
    // As `mktemp` leaves it.
    if text.trim().is_empty() { Ok(Plan::default()) } else { Plan::parse(&text).map_err(Fault::Parse) }
}

fn update(path: &Path, mine: Plan, given_up: &[Key]) -> Result<(), Fault> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _turn = take_turn(directory);
    let plan = read(path)?.update(mine, given_up);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // A name that nobody can have prepared: in a directory that others write to, it might be a link to any file of ours.
    name.push(format!(".{:016x}.new", RandomState::new().hash_one(std::process::id())));
    let new = directory.join(name);
    let mut file = File::create_new(&new).map_err(Fault::Io)?;
    let written = file.write_all(plan.to_string().as_bytes()).and_then(|()| fs::rename(&new, path));
    written.inspect_err(|_| drop(fs::remove_file(&new))).map_err(Fault::Io)
}

/// The right to write a plan in a directory.
struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing the file is not enough where a child of a `fork` has it open too. Where it fails, closing is all there is.
        let _ = self.0.unlock();
    }
}

/// Holds off other processes that write a plan in the same directory, where the system can lock one. Where it cannot, the
/// worst is that one of two processes that end together is not heard.
fn take_turn(directory: &Path) -> Option<Turn> {
    let directory = File::open(directory).ok()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match directory.try_lock() {
            Ok(()) => return Some(Turn(directory)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::pairs::{Meeting, Pairs};
    use crate::hunt::plan::tests::planned;

    fn plan(line: u32, known: bool) -> Plan {
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
        file.save(|| (plan(10, false), Vec::new()));
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
        file.save(|| (plan(10, false), Vec::new()));
        fs::create_dir(directory.path().join("later")).expect("it is made");
        file.save(|| (plan(10, false), Vec::new()));
        assert_eq!(PlanFile::open(path).1, plan(10, false));
    }

    #[test]
    fn a_turn_ends_though_a_child_of_a_fork_has_the_directory_open_too() {
        let directory = tempfile::tempdir().expect("a directory");
        let turn = take_turn(directory.path()).expect("nobody else is here");
        let other = File::open(directory.path()).expect("it is a directory");
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)), "one at a time");
        let inherited = turn.0.try_clone().expect("as a fork does it");
        drop(turn);
        assert!(other.try_lock().is_ok());
        drop(inherited);
    }

    #[test]
    fn what_another_process_has_written_meanwhile_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        let open = || PlanFile::open(path.clone()).0;
        let (one, other) = (open(), open());
        for (file, plan) in [(&one, plan(10, true)), (&other, plan(20, false)), (&other, plan(10, false))] {
            file.note();
            file.save(|| (plan, Vec::new()));
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
            file.save(|| (plan(10, false), Vec::new()));
            assert_eq!(fs::read(&path).expect("it is there"), bytes);
        }
    }
}
