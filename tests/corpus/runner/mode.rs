//! The ways a program is run.

use std::path::Path;
use std::process::Command;

/// What the child process is told to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Only what overlaps by itself.
    Passive,
    /// Delays at near misses.
    Hunt,
    /// Check, gap, act.
    Stale,
}

impl Mode {
    /// Sets the variables of the library: these and no others.
    pub(crate) fn configure(self, command: &mut Command, reports: &Path, plan: &Path) {
        for (variable, _) in std::env::vars_os() {
            if variable.to_str().is_some_and(|name| name.starts_with("CHECKEDMAP_")) {
                command.env_remove(variable);
            }
        }
        command.env("CHECKEDMAP_MODE", "log").env("CHECKEDMAP_REPORT", format!("json:{}", reports.display()));
        // The score needs kinds and sites; resolving symbols would be most of each process's time.
        command.env("CHECKEDMAP_BACKTRACE", "off");
        match self {
            Self::Passive => {}
            Self::Hunt => {
                command.env("CHECKEDMAP_HUNT", "1").env("CHECKEDMAP_HUNT_PLAN", plan);
            }
            Self::Stale => {
                command.env("CHECKEDMAP_STALE", "1");
            }
        }
    }
}
