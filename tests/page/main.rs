//! The page that `CHECKEDMAP_REPORT=html:PATH` asks for, as processes leave it behind.
//!
//! Each test runs itself again as a child with the variable set. With `PAGES=DIRECTORY` the pages stay there, for
//! `tests/page/run`, which opens them in a browser.

mod overlaps;
mod suspects;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, flush};

const CHILD: &str = "CHECKEDMAP_TEST_CHILD";
const LONG: Duration = Duration::from_secs(60);

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// One test of this binary as a child that reports to `target`.
fn child(test: &str, target: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHECKEDMAP_") {
            command.env_remove(name);
        }
    }
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    command.env("CHECKEDMAP_MODE", "log").env("CHECKEDMAP_REPORT", target).env("CHECKEDMAP_EVIDENCE_MS", "60000");
    command
}

#[track_caller]
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().expect("the child runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Where a test's pages go.
struct Pages {
    directory: PathBuf,
    /// Goes with them, unless they are to stay.
    _temporary: Option<tempfile::TempDir>,
}

impl Pages {
    fn new() -> Self {
        match std::env::var_os("PAGES") {
            Some(directory) => Self { directory: directory.into(), _temporary: None },
            None => {
                let temporary = tempfile::tempdir().expect("a directory for the test");
                Self { directory: temporary.path().to_owned(), _temporary: Some(temporary) }
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn html(path: &Path) -> String {
    format!("html:{}", path.display())
}

#[track_caller]
fn read(path: &Path) -> String {
    let page = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "it is whole: {page}");
    page
}

#[track_caller]
fn shows(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
}

#[test]
fn a_program_that_ends_right_after_its_conflicts_leaves_them_on_the_page() {
    if is_child() {
        overlaps::all();
        std::process::exit(0);
    }
    let pages = Pages::new();
    let path = pages.path("incident.html");
    succeeds(&mut child("a_program_that_ends_right_after_its_conflicts_leaves_them_on_the_page", &html(&path)));
    let page = read(&path);
    shows(
        &page,
        &[
            "<h1>47 conflicts between 6 pairs of sites</h1>",
            "detected 47 = ",
            "queued 0 (balanced)",
            "<span class=\"count\">40<span class=\"times\"> ×</span></span> <span class=\"kind\">write_write</span>",
            "<dt>2 ×</dt><dd><code><bdi>entry</bdi></code> inside, <code><bdi>get_mut</bdi></code> refused</dd>",
            "<dt>1 ×</dt><dd><code><bdi>get_mut</bdi></code> inside, <code><bdi>entry</bdi></code> refused</dd>",
            "<span class=\"kind\">read_write</span>",
            "<span class=\"kind\">iterate_write</span>",
            "<span class=\"kind\">reentrant</span>",
            // Both stacks, by function and by the line of this test's own source.
            "page::overlaps::renew",
            "let _ = sessions.try_insert(user, 1); // renewed\n",
            "page::overlaps::expire",
            "<bdi>thread &#39;worker &lt;1&gt; 👩‍🚀&#39;",
            "on <code><bdi>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        ],
    );
    assert!(!page.contains("<script>alert"), "{page}");
}

#[test]
fn suspects_are_below_the_conflicts_and_not_among_them() {
    if is_child() {
        overlaps::expire_while_renewed(&CheckedMap::named("orders"), 1);
        suspects::all();
        std::process::exit(0);
    }
    let pages = Pages::new();
    let path = pages.path("suspects.html");
    let mut command = child("suspects_are_below_the_conflicts_and_not_among_them", &html(&path));
    // A hunt that has nothing to delay.
    command.env("CHECKEDMAP_STALE", "1").env("CHECKEDMAP_HUNT", "maps=none").env("CHECKEDMAP_HUNT_SEED", "7");
    succeeds(&mut command);
    let page = read(&path);
    let (conflicts, suspects) = page.split_once("</main>").expect("two parts");
    shows(
        conflicts,
        &[
            "<h1>1 conflict</h1>",
            "A hunt with CHECKEDMAP_HUNT_SEED=7: 0 delays",
            "<a href=\"#suspects\">3 suspects, 1 hint of check-then-act</a>",
            "<code><bdi>CHECKEDMAP_HUNT_SEED=7</bdi></code> makes its choices again.",
        ],
    );
    shows(
        suspects,
        &[
            "<h2 id=\"suspects-title\">3 suspects, 1 hint of check-then-act</h2>",
            "detected 4 = ",
            "queued 0 (balanced)",
            "<span class=\"count\">3<span class=\"times\"> ×</span></span> <span class=\"kind\">overwritten</span>",
            "<span class=\"kind\">altered</span> <span class=\"severity\">hint</span>",
            // All three stacks, by function and by the line of this test's own source.
            "page::suspects::log_in",
            "sessions.insert(user, 2); // logged in\n",
            "page::suspects::restore",
            "<bdi>thread &#39;meddler &lt;2&gt; 👩‍🚀&#39;",
            "carts of &quot;EU&quot; &amp; &lt;others&gt;",
        ],
    );
}

#[test]
fn a_run_without_conflicts_leaves_a_page_that_says_so() {
    if is_child() {
        CheckedMap::named("sessions").insert(1, 2);
        flush(LONG).expect("flushed");
        return;
    }
    let pages = Pages::new();
    let path = pages.path("quiet.html");
    succeeds(&mut child("a_run_without_conflicts_leaves_a_page_that_says_so", &html(&path)));
    shows(&read(&path), &["<h1>No conflict seen</h1>", "That is no proof that none can."]);
}

#[cfg(unix)]
#[test]
fn a_killed_program_leaves_a_whole_page_with_what_was_written() {
    if is_child() {
        let map = CheckedMap::named("sessions");
        overlaps::expire_while_renewed(&map, 1);
        flush(LONG).expect("flushed");
        println!("\nready");
        // Until it is killed, so that it is killed in the midst of conflicts.
        loop {
            overlaps::expire_while_renewed(&map, 1);
        }
    }
    let pages = Pages::new();
    let path = pages.path("killed.html");
    let mut command = child("a_killed_program_leaves_a_whole_page_with_what_was_written", &html(&path));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the child runs");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    assert!(output.lines().map_while(Result::ok).any(|line| line == "ready"), "it gets that far");
    child.kill().expect("killed");
    child.wait().expect("ended");
    shows(&read(&path), &["page::overlaps::expire", "on <code><bdi>sessions</bdi></code>"]);
}

#[cfg(unix)]
#[test]
fn an_aborted_program_leaves_the_conflict_that_ended_it_on_the_page() {
    if is_child() {
        overlaps::abort();
        unreachable!("the mode is `abort`");
    }
    let pages = Pages::new();
    let path = pages.path("aborted.html");
    let mut command = child("an_aborted_program_leaves_the_conflict_that_ended_it_on_the_page", &html(&path));
    // The holder never leaves, so there is no stack of it to wait for.
    let output = command.env("CHECKEDMAP_MODE", "abort").env("CHECKEDMAP_EVIDENCE_MS", "0").output();
    let status = output.expect("the child runs").status;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGABRT), "{status}");
    let parts = ["<h1>1 conflict</h1>", "aborted", "The process aborts", "No stack: the holder was still inside"];
    shows(&read(&path), &parts);
}

/// What came within a rest is written when the rest is over, though the program does nothing any more.
#[test]
fn a_program_that_falls_silent_has_everything_on_the_page() {
    if is_child() {
        let map = CheckedMap::named("sessions");
        overlaps::expire_while_renewed(&map, 1);
        flush(LONG).expect("flushed");
        overlaps::count_while_renewed(&map);
        println!("\nsilent");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).expect("the parent closes it");
        return;
    }
    let pages = Pages::new();
    let path = pages.path("silent.html");
    let mut command = child("a_program_that_falls_silent_has_everything_on_the_page", &html(&path));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the child runs");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    assert!(output.lines().map_while(Result::ok).any(|line| line == "silent"), "it gets that far");
    let end = Instant::now() + LONG;
    while !read(&path).contains("page::overlaps::count") {
        assert!(Instant::now() < end, "{}", read(&path));
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[cfg(unix)]
#[test]
#[allow(unsafe_code)]
fn a_forked_child_has_a_page_of_its_own() {
    if is_child() {
        overlaps::expire_while_renewed(&CheckedMap::named("parents"), 1);
        flush(LONG).expect("flushed");
        // SAFETY: the child uses this library, memory and files, and ends; glibc keeps its allocator usable in the child.
        let forked = unsafe { libc::fork() };
        if forked == 0 {
            overlaps::expire_while_renewed(&CheckedMap::named("childs"), 1);
            std::process::exit(0);
        }
        let mut status = 0;
        // SAFETY: `forked` is a child of this process that nobody else waits for, and `status` is ours to write.
        let waited = unsafe { libc::waitpid(forked, &raw mut status, 0) };
        assert_eq!((waited, status), (forked, 0));
        println!("\nforked {forked}");
        return;
    }
    let pages = Pages::new();
    let path = pages.path("forked.html");
    let output = succeeds(&mut child("a_forked_child_has_a_page_of_its_own", &html(&path)));
    let output = String::from_utf8_lossy(&output.stdout);
    let forked = output.lines().find_map(|line| line.strip_prefix("forked ")).expect("it says which");
    let (parent, child) = (read(&path), read(&pages.path(&format!("forked.{forked}.html"))));
    assert!(parent.contains("<bdi>parents</bdi>") && !parent.contains("<bdi>childs</bdi>"), "{parent}");
    assert!(child.contains("<bdi>childs</bdi>") && !child.contains("<bdi>parents</bdi>"), "{child}");
}

#[test]
fn reports_go_to_stderr_where_the_page_cannot_be_written() {
    if is_child() {
        overlaps::expire_while_renewed(&CheckedMap::named("sessions"), 1);
        return flush(LONG).expect("flushed");
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let target = html(&directory.path().join("no/such/page.html"));
    let test = "reports_go_to_stderr_where_the_page_cannot_be_written";
    let output = succeeds(&mut child(test, &target));
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.matches("the page of reports cannot be written to ").count(), 1, "{text}");
    assert_eq!(text.matches("`html:PATH` in CHECKEDMAP_REPORT takes ").count(), 1, "{text}");
    assert_eq!(text.matches("checkedmap: write_write conflict on `sessions`").count(), 1, "{text}");
}

#[test]
fn a_path_that_is_a_directory_is_refused_at_once() {
    if is_child() {
        overlaps::expire_while_renewed(&CheckedMap::named("sessions"), 1);
        return flush(LONG).expect("flushed");
    }
    let output = succeeds(&mut child("a_path_that_is_a_directory_is_refused_at_once", "html:pages/"));
    let text = String::from_utf8_lossy(&output.stderr);
    let expected =
        "CHECKEDMAP_REPORT=\"html:pages/\": \"pages/\" is a directory, and the page is a file; allowed: stderr";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("checkedmap: write_write conflict on `sessions`"), "the default applies: {text}");
}
