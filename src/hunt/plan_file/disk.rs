//! Finding, reading and replacing the file.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Fault;
use super::turn::Turn;
use crate::hunt::pairs::Key;
use crate::hunt::plan::Plan;

/// More than the longest plan: what is larger was put there by mistake.
const LARGEST: u64 = 16 << 20;

/// Symbolic links that lead from one to the next, as Linux allows.
const LINKS: usize = 40;

/// What ends the name of a plan that is not in its place yet.
const NEW: &str = ".new";

/// A plan that is not in its place yet and has not been touched for so long was left by a process that was killed.
const LITTER: Duration = Duration::from_secs(60);

/// What was found under a name.
pub(super) struct Found {
    /// Where it is, whatever becomes of the working directory, with no link on the way.
    pub(super) path: PathBuf,
    pub(super) plan: Plan,
}

/// Reads what is there by this name; nothing is an empty plan.
pub(super) fn find(named: &Path) -> Result<Found, Fault> {
    let plan = read(named)?;
    let path = resolve(named).map_err(Fault::Io)?;
    Ok(Found { path, plan })
}

/// Where the plan is, or is to be.
fn resolve(named: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(named)?;
    for _ in 0..LINKS {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            found => return found,
        }
        let directory = path.parent().unwrap_or(Path::new("/"));
        // A link to a file that is not there yet.
        let Ok(target) = fs::read_link(&path) else {
            let directory = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
            return Ok(directory.join(path.file_name().unwrap_or_default()));
        };
        path = directory.join(target);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Opens what is there if it is a regular file, without waiting for whoever is at the other end of it if it is not.
fn open(path: &Path) -> Result<Option<(File, Metadata)>, Fault> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::Io(error)),
    };
    let metadata = file.metadata().map_err(Fault::Io)?;
    regular(metadata.file_type())?;
    Ok(Some((file, metadata)))
}

fn regular(file_type: FileType) -> Result<(), Fault> {
    if file_type.is_file() {
        Ok(())
    } else if file_type.is_dir() {
        Err(Fault::NoFile("a directory"))
    } else if file_type.is_symlink() {
        Err(Fault::NoFile("by now a symbolic link"))
    } else {
        Err(Fault::NoFile("a device, a pipe or a socket"))
    }
}

fn read(path: &Path) -> Result<Plan, Fault> {
    let Some((file, _)) = open(path)? else { return Ok(Plan::default()) };
    let mut text = String::new();
    let length = file.take(LARGEST + 1).read_to_string(&mut text).map_err(Fault::Io)?;
    if length as u64 > LARGEST {
        return Err(Fault::Io(io::Error::new(ErrorKind::FileTooLarge, "too large for a plan")));
    }
    // As `mktemp` leaves it.
    if text.trim().is_empty() { Ok(Plan::default()) } else { Plan::parse(&text).map_err(Fault::Parse) }
}

/// Brings the plan at `path` up to date.
pub(super) fn update(path: &Path, mine: Plan, given_up: &[Key]) -> Result<(), Fault> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let turn = Turn::take(directory);
    let plan = read(path)?.update(mine, given_up);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // A name that nobody can have prepared: in a directory that others write to, it might be a link to any file of ours.
    name.push(format!(".{:016x}{NEW}", RandomState::new().hash_one(std::process::id())));
    let new = directory.join(name);
    let mut file = File::create_new(&new).map_err(Fault::Io)?;
    let written = file.write_all(plan.to_string().as_bytes()).map_err(Fault::Io);
    written.and_then(|()| replace(path, &new, &file)).inspect_err(|_| drop(fs::remove_file(&new)))?;
    if turn.is_some() {
        sweep(directory, path);
    }
    Ok(())
}

/// Puts the new file in the place of the old one, with its owner and its permissions.
fn replace(path: &Path, new: &Path, file: &File) -> Result<(), Fault> {
    // Not what a link leads to: what is replaced is what is there by that name.
    match fs::symlink_metadata(path) {
        Ok(old) => {
            regular(old.file_type())?;
            keep_owner(file, &old);
            file.set_permissions(old.permissions()).map_err(Fault::Io)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Fault::Io(error)),
    }
    fs::rename(new, path).map_err(Fault::Io)
}

/// Who may not give files away writes the plan all the same.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};

    let _ = fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// Removes what processes that were killed have left of their plans for this path. Who fails to leaves it.
fn sweep(directory: &Path, path: &Path) {
    let Some(plan) = path.file_name().and_then(|name| name.to_str()) else { return };
    let is_litter = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(plan)?.strip_prefix('.')?.strip_suffix(NEW));
        let is_new =
            number.is_some_and(|number| number.len() == 16 && number.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let untouched = || entry.metadata().ok().filter(Metadata::is_file)?.modified().ok()?.elapsed().ok();
        is_new && untouched().is_some_and(|untouched| untouched >= LITTER)
    };
    for entry in fs::read_dir(directory).into_iter().flatten().flatten().filter(is_litter) {
        let _ = fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::hunt::plan_file::tests::plan;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("it lists");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it is there").file_name().into_string().expect("a text")).collect();
        names.sort();
        names
    }

    #[test]
    fn what_killed_processes_have_left_is_swept_and_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("plan");
        let at = |name: &str, age: u64| {
            let file = File::create(directory.path().join(name)).expect("it is made");
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("it is set");
        };
        at("plan.0123456789abcdef.new", 3_600);
        let others = ["other.0123456789abcdef.new", "plan.0123456789abcdeg.new", "plan.01.new", "plan.new"];
        others.iter().for_each(|name| at(name, 3_600));
        at("plan.fedcba9876543210.new", 0);
        update(&path, plan(10, false), &[]).expect("it is written");
        let mut left = others.to_vec();
        left.extend(["plan", "plan.fedcba9876543210.new"]);
        left.sort_unstable();
        assert_eq!(names(directory.path()), left);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_neither_read_nor_replaced() {
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("pipe");
        let name = std::ffi::CString::new(pipe.to_str().expect("a text")).expect("no zero byte");
        // SAFETY: the name is a text that ends with a zero and outlives the call.
        #[allow(unsafe_code)]
        let made = unsafe { libc::mkfifo(name.as_ptr(), 0o600) };
        assert_eq!(made, 0, "a pipe is made");
        for path in [&pipe, directory.path()] {
            assert!(matches!(find(path), Err(Fault::NoFile(_))), "{path:?}");
            assert!(matches!(update(path, plan(10, false), &[]), Err(Fault::NoFile(_))), "{path:?}");
            // What has come into its place since it was read.
            let (file, new) = (tempfile::tempfile().expect("a file"), directory.path().join("new"));
            assert!(matches!(replace(path, &new, &file), Err(Fault::NoFile(_))), "{path:?}");
        }
        assert_eq!(names(directory.path()), ["pipe"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_the_plan_and_stays_and_the_plan_keeps_its_mode() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        let directory = tempfile::tempdir().expect("a directory");
        let (link, real) = (directory.path().join("link"), directory.path().join("real"));
        symlink("real", &link).expect("it is made");
        for mode in [None, Some(0o640), Some(0o604)] {
            if let Some(mode) = mode {
                fs::set_permissions(&real, fs::Permissions::from_mode(mode)).expect("they are set");
            }
            let found = find(&link).unwrap_or_else(|fault| panic!("{fault}"));
            update(&found.path, plan(10, false), &[]).unwrap_or_else(|fault| panic!("{fault}"));
            assert_eq!(fs::read_link(&link).expect("it is a link"), Path::new("real"));
            assert_eq!(find(&link).unwrap_or_else(|fault| panic!("{fault}")).plan, plan(10, false));
            if let Some(mode) = mode {
                assert_eq!(fs::metadata(&real).expect("it is there").mode() & 0o777, mode);
            }
        }
        symlink("ring", directory.path().join("ring")).expect("it is made");
        assert!(find(&directory.path().join("ring")).is_err(), "a link to itself");
    }
}
