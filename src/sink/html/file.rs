//! The file of a page: where it is, and replacing it at a stroke.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What stands for the process's id in a path.
const PROCESS: &str = "{pid}";

/// The path of a process's page. The one that the program began as has the path as it was given; a forked child, which
/// would replace its parent's page, has its id in it.
pub(super) fn path_of(given: &Path, process: u32, forked: bool) -> PathBuf {
    if let Some(text) = given.to_str().filter(|text| text.contains(PROCESS)) {
        return text.replace(PROCESS, &process.to_string()).into();
    }
    if !forked {
        return given.to_owned();
    }
    let mut name = given.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{process}"));
    if let Some(extension) = given.extension() {
        name.push(".");
        name.push(extension);
    }
    given.with_file_name(name)
}

/// Gives a file these contents. Whoever opens it, at whatever moment, reads the old ones or the new ones, whole.
///
/// # Errors
///
/// The file is none that can be replaced, such as a directory or a device, or writing failed. It is then as it was.
pub(super) fn replace(path: &Path, contents: &[u8], durable: bool) -> io::Result<()> {
    // A link stays, and what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // Renaming would take the place of a device such as /dev/null without a word, where the user may do so.
    if fs::metadata(&path).is_ok_and(|old| !old.is_file()) {
        return Err(io::Error::other("it is there already and is no regular file"));
    }
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    // Left by an earlier process of this id that was killed in the middle. The file is then made anew rather than opened,
    // so that it is none that somebody else has laid out for us.
    let _ = fs::remove_file(&beside);
    let written = write_new(&beside, contents, durable).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, contents: &[u8], durable: bool) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(contents)?;
    if durable { file.sync_data() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_have_paths_of_their_own() {
        let table = [
            ("conflicts.html", false, "conflicts.html"),
            ("conflicts.html", true, "conflicts.4711.html"),
            ("/var/log/conflicts", true, "/var/log/conflicts.4711"),
            ("run-{pid}/{pid}.html", false, "run-4711/4711.html"),
            ("{pid}.html", true, "4711.html"),
        ];
        for (given, forked, path) in table {
            assert_eq!(path_of(Path::new(given), 4711, forked), Path::new(path), "{given}");
        }
    }

    #[test]
    fn an_open_page_stays_whole_while_it_is_replaced() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join("page.html");
        replace(&path, b"the first page", false).expect("written");
        let reader = File::open(&path).expect("opened");
        replace(&path, b"the second", true).expect("written");
        assert_eq!(io::read_to_string(reader).expect("read"), "the first page");
        assert_eq!(fs::read_to_string(&path).expect("read"), "the second");
        assert_eq!(fs::read_dir(&directory).expect("listed").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn only_files_are_replaced() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        assert!(replace(directory.path(), b"page", false).is_err());
        assert!(replace(&directory.path().join("no/such/page.html"), b"page", false).is_err());
        assert_eq!(fs::read_dir(&directory).expect("listed").count(), 0, "nothing is left in it");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_left_alone() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let directory = tempfile::tempdir().expect("a directory for the test");
        let (page, link, device) =
            (directory.path().join("page"), directory.path().join("link"), directory.path().join("null"));
        fs::write(&page, "old").expect("written");
        symlink(&page, &link).expect("linked");
        replace(&link, b"new", false).expect("written");
        assert_eq!(fs::read_to_string(&page).expect("read"), "new");
        assert!(link.is_symlink());
        symlink("/dev/null", &device).expect("linked");
        assert!(replace(&device, b"page", false).is_err());
        assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());
    }
}
