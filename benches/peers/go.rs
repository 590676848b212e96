//! Go's maps, measured by a child process that takes its turns as the others do.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use crate::race::Entrant;
use crate::work::Operation;

const PROGRAM: &str = include_str!("go/main.go");

/// The child, waiting for an order between rounds.
pub(crate) struct Go {
    pipes: Mutex<RefCell<(ChildStdin, BufReader<ChildStdout>)>>,
    child: Mutex<Child>,
    pub(crate) version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    Map,
    SyncMap,
}

impl Go {
    /// Builds and starts the child in `directory`; `None` without a toolchain.
    pub(crate) fn start(directory: &Path) -> Option<Self> {
        let version = Command::new("go").arg("version").stderr(Stdio::null()).output().ok()?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let (source, program) = (directory.join("main.go"), directory.join("peers-go"));
        std::fs::create_dir_all(directory).ok()?;
        std::fs::write(&source, PROGRAM).ok()?;
        let built = Command::new("go")
            .args(["build", "-o"])
            .args([&program, &source])
            .env("GO111MODULE", "off")
            .env("GOTOOLCHAIN", "local")
            .status();
        if !built.is_ok_and(|status| status.success()) {
            eprintln!("peers: go is present but does not build the program; its lines are left out");
            return None;
        }
        let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let pipes = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Self { pipes: Mutex::new(RefCell::new(pipes)), child: Mutex::new(child), version })
    }

    pub(crate) fn entrant(
        &self,
        variant: Variant,
        operation: Operation,
        key: &'static str,
        entries: usize,
    ) -> Gopher<'_> {
        Gopher { go: self, variant, operation, key, entries }
    }

    fn ask(&self, question: &str) -> Option<f64> {
        let pipes = self.pipes.lock().ok()?;
        let mut pipes = pipes.borrow_mut();
        let mut answer = String::new();
        writeln!(pipes.0, "{question}").ok()?;
        pipes.0.flush().ok()?;
        pipes.1.read_line(&mut answer).ok()?;
        answer.trim().parse().ok()
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            // It may have gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) struct Gopher<'a> {
    go: &'a Go,
    variant: Variant,
    operation: Operation,
    key: &'static str,
    entries: usize,
}

impl Entrant for Gopher<'_> {
    fn name(&self) -> &'static str {
        match self.variant {
            Variant::Map => "Go map",
            Variant::SyncMap => "Go sync.Map",
        }
    }

    fn run(&self, _: usize, _: u64) {
        unreachable!("the child takes the time");
    }

    fn run_elsewhere(&self, threads: usize, operations: u64) -> Option<f64> {
        let variant = match self.variant {
            Variant::Map => "map",
            Variant::SyncMap => "sync",
        };
        let operation = self.operation.name().replace(' ', "_");
        let Self { key, entries, .. } = self;
        Some(self.go.ask(&format!("{variant} {operation} {key} {entries} {threads} {operations}")).unwrap_or(f64::NAN))
    }

    fn whole(&self) -> u64 {
        if self.operation == Operation::Iterate { self.entries as u64 } else { 1 }
    }
}
