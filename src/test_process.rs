//! Processes of a test's own: its binary again, and children of `fork`.

use std::process::Command;

/// Tells the binary which test it was started again for.
const TEST: &str = "CHECKEDMAP_TEST_PROCESS";

/// No child of a `fork` lives longer, in seconds: one that hangs fails its test.
const LONGEST: u32 = 30;

/// Whether this process was made for the test of this path by [`run`].
pub(crate) fn is_child(test: &str) -> bool {
    std::env::var_os(TEST).is_some_and(|path| path == test)
}

/// Runs the test of this path in a process of its own, without the library's variables, and passes if it passes there.
#[track_caller]
pub(crate) fn run(test: &str) {
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHECKEDMAP_") {
            command.env_remove(name);
        }
    }
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(TEST, test);
    let output = command.output().expect("the child runs");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
}

/// Forks; the child ends by itself, well if `child` says so. The child's id.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(crate) fn fork(child: impl FnOnce() -> bool) -> libc::pid_t {
    // SAFETY: the child calls `child` and ends without returning into the test harness. What `child` needs of the allocator,
    // glibc keeps usable in children of threaded processes.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    if pid == 0 {
        // SAFETY: a signal without a handler ends the process.
        unsafe { libc::alarm(LONGEST) };
        let well = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(false);
        // SAFETY: ends the process at once, which is what is wanted.
        unsafe { libc::_exit(i32::from(!well)) };
    }
    pid
}

/// Waits for a child of [`fork`]. Whether it has ended well.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(crate) fn ended_well(child: libc::pid_t) -> bool {
    let mut status = 0;
    // SAFETY: a child of this process that nobody else waits for; `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    waited == child && libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}
