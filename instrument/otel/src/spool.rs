//! Reports on disk until a collector has them: `CHECKEDMAP_SPOOL=DIR`.
//!
//! Each process has one file there, `checkedmap-PID-EPOCH.jsonl`, and holds a lock on it for as long as it lives. A line is
//! either `{"seq":7,"record":{..}}` or, once a collector has acknowledged them, `{"sent":[7]}`. When everything is sent, the
//! file is emptied; at a clean end it is removed. A process that starts takes over the files whose lock nobody holds, however
//! their owner died.
//!
//! On Unix the file is its owner's alone (mode 0600): reports carry stacks, names of maps, and baggage of requests.
//!
//! A line is handed to the operating system before the report is queued, so it survives the death of the process, `kill -9`
//! included. It is forced to the disk (`fdatasync`) whenever the sink is flushed: at exit, before an abort, at SIGTERM, at a
//! call of [`checkedmap::flush`]. A loss of power can take what came since.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use checkedmap::report::Record;
use parking_lot::Mutex;

use crate::parcel::{Content, Origin, Parcel};

/// A file grows no further than this: some ten thousand reports. What comes then is delivered from memory, or lost with it.
const LARGEST: u64 = 64 << 20;

const PREFIX: &str = "checkedmap-";
const SUFFIX: &str = ".jsonl";

/// Where a parcel is on disk.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    book: Arc<Book>,
    seq: u64,
}

impl Page {
    /// Notes that a collector has it. A failure costs a second delivery under the same ids, and nothing else.
    pub(crate) fn sent(&self) {
        let _ = self.book.cross_out(self.seq);
    }
}

/// One file. Its lock ends with it.
#[derive(Debug)]
pub(crate) struct Book {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    next: u64,
    size: u64,
    open: HashSet<u64>,
    /// Whether the last write may have left half a line.
    torn: bool,
    /// Whether the file goes once nothing is open: it belongs to a process that has died, or to one that ends.
    last: bool,
    /// Whether it has gone. What is written to `file` then is on nobody's disk.
    gone: bool,
}

/// What was found in the files of the dead.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) parcels: Vec<Parcel>,
    /// Lines that could not be read: torn by the death of their writer, or of another version.
    pub(crate) unreadable: u64,
}

/// This process's part of a spool directory.
#[derive(Debug)]
pub(crate) struct Spool {
    book: Arc<Book>,
}

impl Spool {
    /// Opens the process's own file and takes over those of the dead.
    pub(crate) fn open(directory: &Path, epoch: u64) -> io::Result<(Self, Found)> {
        std::fs::create_dir_all(directory)?;
        let mut found = Found::default();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            if let Some((pid, epoch)) = owner(&path) {
                adopt(&path, pid, epoch, &mut found)?;
            }
        }
        let path = directory.join(format!("{PREFIX}{}-{epoch}{SUFFIX}", std::process::id()));
        let file = create(&path)?;
        let state = State { file, next: 1, size: 0, open: HashSet::new(), torn: false, last: false, gone: false };
        Ok((Self { book: Arc::new(Book { path, state: Mutex::new(state) }) }, found))
    }

    /// Writes a parcel down.
    pub(crate) fn keep(&self, content: &Content) -> io::Result<Page> {
        let record = content.to_json()?;
        let seq = self.book.write(&record)?;
        Ok(Page { book: Arc::clone(&self.book), seq })
    }

    /// Forces what was written to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.book.state.lock().file.sync_data()
    }

    /// The process ends in order: the file goes, now or with the last parcel, unless some stay open.
    pub(crate) fn close(&self) {
        let mut state = self.book.state.lock();
        state.last = true;
        self.book.tidy(&mut state);
    }
}

impl Book {
    fn write(&self, record: &str) -> io::Result<u64> {
        let mut state = self.state.lock();
        if state.gone {
            // A conflict after the end of the export: the next process is to find it as any other.
            (state.file, state.gone) = (create(&self.path)?, false);
        }
        let seq = state.next;
        state.append(&format!("{{\"seq\":{seq},\"record\":{record}}}\n"))?;
        state.next += 1;
        state.open.insert(seq);
        Ok(seq)
    }

    fn cross_out(&self, seq: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        if !state.open.remove(&seq) {
            return Ok(());
        }
        if state.open.is_empty() {
            // Emptying the file says the same as crossing out, and keeps it small.
            self.tidy(&mut state);
            return Ok(());
        }
        state.append(&format!("{{\"sent\":[{seq}]}}\n"))
    }

    fn tidy(&self, state: &mut State) {
        if !state.open.is_empty() {
            return;
        }
        if state.file.set_len(0).is_ok() {
            (state.size, state.torn) = (0, false);
        }
        if state.last {
            // While the lock is held: nobody else can have begun to write to it.
            state.gone |= std::fs::remove_file(&self.path).is_ok();
        }
    }
}

impl State {
    fn append(&mut self, line: &str) -> io::Result<()> {
        if self.size + line.len() as u64 > LARGEST {
            return Err(io::Error::new(io::ErrorKind::StorageFull, format!("the file has reached {LARGEST} bytes")));
        }
        if self.torn {
            self.file.write_all(b"\n")?;
        }
        self.torn = true;
        self.file.write_all(line.as_bytes())?;
        self.torn = false;
        self.size += line.len() as u64;
        Ok(())
    }
}

/// Makes a file that this process alone writes to.
fn create(path: &Path) -> io::Result<File> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        // Reports carry what clients sent as baggage.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        // Another process that starts just now may be the first to lock it, and removes it, since there is nothing in it.
        file.lock()?;
        if path.exists() {
            return Ok(file);
        }
    }
}

/// The process a file belongs to, by its name.
fn owner(path: &Path) -> Option<(u32, u64)> {
    let name = path.file_name()?.to_str()?;
    let (pid, epoch) = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-')?;
    Some((pid.parse().ok()?, epoch.parse().ok()?))
}

/// Takes a file over, unless its process lives.
fn adopt(path: &Path, pid: u32, epoch: u64, found: &mut Found) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).append(true).open(path) {
        Ok(file) => file,
        // Another process has just finished with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let (records, unreadable) = read(&bytes);
    found.unreadable += unreadable;
    let state = State {
        file,
        next: 0,
        size: bytes.len() as u64,
        open: records.iter().map(|(seq, _)| *seq).collect(),
        torn: bytes.last().is_some_and(|last| *last != b'\n'),
        last: true,
        gone: false,
    };
    let book = Arc::new(Book { path: path.to_owned(), state: Mutex::new(state) });
    // A file in which nothing is open goes at once.
    book.tidy(&mut book.state.lock());
    found.parcels.extend(records.into_iter().map(|(seq, content)| Parcel {
        seed: content.seed(pid, epoch),
        content,
        origin: Origin::Recovered,
        page: Some(Page { book: Arc::clone(&book), seq }),
        counted: false,
    }));
    Ok(())
}

/// The records of a file that are not crossed out, and how many lines made no sense.
fn read(bytes: &[u8]) -> (Vec<(u64, Content)>, u64) {
    let (mut records, mut sent, mut unreadable) = (Vec::new(), HashSet::new(), 0);
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match read_line(line) {
            Some(Line::Record(seq, content)) => records.push((seq, content)),
            Some(Line::Sent(numbers)) => sent.extend(numbers),
            None => unreadable += 1,
        }
    }
    records.retain(|(seq, _)| !sent.contains(seq));
    (records, unreadable)
}

enum Line {
    Record(u64, Content),
    Sent(Vec<u64>),
}

fn read_line(line: &[u8]) -> Option<Line> {
    let value: serde_json::Value = serde_json::from_slice(line).ok()?;
    if let Some(sent) = value.get("sent") {
        return Some(Line::Sent(sent.as_array()?.iter().filter_map(serde_json::Value::as_u64).collect()));
    }
    let seq = value.get("seq")?.as_u64()?;
    let record = Record::from_json(&value.get("record")?.to_string()).ok()?;
    Some(Line::Record(seq, record.try_into().ok()?))
}

/// A number that tells this process from others with its pid.
pub(crate) fn epoch() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Class, Seed};

    fn repeat(number: u64) -> String {
        format!(r#"{{"schema":1,"repeat_of":{number},"kind":"write_write","map":null,"count":3,"first":1,"last":2}}"#)
    }

    fn content(number: u64) -> Content {
        Record::from_json(&repeat(number)).expect("a count").try_into().expect("of conflicts")
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// A file as a process leaves it that died.
    fn orphan(directory: &Path, text: &str) {
        std::fs::write(directory.join("checkedmap-4242-7.jsonl"), text).unwrap();
    }

    fn numbers(found: &Found) -> Vec<u64> {
        found.parcels.iter().map(|parcel| parcel.seed.number).collect()
    }

    #[test]
    fn what_a_dead_process_left_is_found_once() {
        let directory = tempfile::tempdir().unwrap();
        let line = |seq: u64| format!("{{\"seq\":{seq},\"record\":{}}}\n", repeat(seq * 10));
        // Two of three are sent, a line in the middle is of another version, the last is torn.
        let text =
            [line(1), line(2), "{\"sent\":[1]}\n".into(), "{\"seq\":9,\"record\":{\"schema\":2}}\n".into(), line(3)];
        orphan(directory.path(), &format!("{}{{\"seq\":4,\"rec", text.concat()));

        let (_spool, found) = Spool::open(directory.path(), 1).unwrap();
        assert_eq!((numbers(&found), found.unreadable), (vec![20, 30], 2));
        assert_eq!(found.parcels[0].seed, Seed { class: Class::Conflict, pid: 4242, number: 20, epoch: 7 });
        assert!(found.parcels.iter().all(|parcel| parcel.origin == Origin::Recovered));
        // While it is being sent, no third process sends it too.
        let (_other, nothing) = Spool::open(directory.path(), 2).unwrap();
        assert!(nothing.parcels.is_empty());

        found.parcels[0].page.as_ref().unwrap().sent();
        // The second died with one left, behind the torn line.
        drop(found);
        let (_third, found) = Spool::open(directory.path(), 3).unwrap();
        assert_eq!(numbers(&found), [30]);
        found.parcels[0].page.as_ref().unwrap().sent();
        assert!(!files(directory.path()).iter().any(|path| path.ends_with("checkedmap-4242-7.jsonl")));
    }

    #[test]
    fn suspects_are_kept_apart_from_conflicts_of_the_same_number() {
        let suspects =
            r#"{"schema":1,"repeat_of_suspect":20,"kind":"stale_check","map":null,"count":3,"first":1,"last":2}"#;
        let directory = tempfile::tempdir().unwrap();
        let text = format!("{{\"seq\":1,\"record\":{suspects}}}\n{{\"seq\":2,\"record\":{}}}\n", repeat(20));
        orphan(directory.path(), &text);
        let (_spool, found) = Spool::open(directory.path(), 1).unwrap();
        assert_eq!((numbers(&found), found.unreadable), (vec![20, 20], 0));
        let [suspect, conflict] = &found.parcels[..] else { panic!("two: {found:?}") };
        assert!(matches!(suspect.content, Content::SuspectRepeat(_)), "{suspect:?}");
        assert_eq!(suspect.seed, Seed { class: Class::Suspect, ..conflict.seed });
    }

    #[test]
    fn a_file_is_emptied_when_all_is_sent_and_removed_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(directory.path(), 1).unwrap();
        let pages = [1, 2, 3].map(|number| spool.keep(&content(number)).unwrap());
        let file = files(directory.path()).remove(0);
        let (kept, _) = read(&std::fs::read(&file).unwrap());
        assert_eq!(kept.len(), 3);
        pages[1].sent();
        let (kept, unreadable) = read(&std::fs::read(&file).unwrap());
        assert_eq!((kept.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), unreadable), (vec![1, 3], 0));
        pages[0].sent();
        pages[2].sent();
        assert_eq!(std::fs::read(&file).unwrap(), b"");
        let late = spool.keep(&content(4)).unwrap();
        spool.sync().unwrap();
        spool.close();
        assert!(file.exists(), "one is left");
        late.sent();
        assert!(!file.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_a_file() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let (_spool, _) = Spool::open(directory.path(), 1).unwrap();
        let mode = files(directory.path())[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }

    #[test]
    fn what_is_kept_after_the_end_is_found_too() {
        let directory = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(directory.path(), 1).unwrap();
        spool.close();
        assert!(files(directory.path()).is_empty());
        let late = [1, 2].map(|number| spool.keep(&content(number)).unwrap());
        spool.sync().unwrap();
        late[0].sent();
        // It is locked like any other of a process that lives.
        let (heir, found) = Spool::open(directory.path(), 2).unwrap();
        assert!(found.parcels.is_empty());
        heir.close();
        drop((spool, late));
        let (_heir, found) = Spool::open(directory.path(), 3).unwrap();
        assert_eq!((numbers(&found), found.unreadable), (vec![2], 0));
    }

    #[test]
    fn what_cannot_be_kept_after_the_end_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(directory.path(), 1).unwrap();
        spool.close();
        directory.close().unwrap();
        assert_eq!(spool.keep(&content(1)).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_full_file_takes_no_more() {
        let directory = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(directory.path(), 1).unwrap();
        spool.book.state.lock().size = LARGEST;
        let error = spool.keep(&content(1)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn strangers_files_are_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["notes.txt", "checkedmap-x-1.jsonl", "checkedmap-1.jsonl"] {
            std::fs::write(directory.path().join(name), "mine").unwrap();
        }
        let (_spool, found) = Spool::open(directory.path(), 1).unwrap();
        assert_eq!((found.parcels.len(), found.unreadable), (0, 0));
        assert_eq!(files(directory.path()).len(), 4);
    }
}
