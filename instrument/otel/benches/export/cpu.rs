//! Processor time by thread, from `/proc`.

use std::fs;
use std::path::Path;

use crate::collide::THREADS;

/// Nanoseconds on a processor.
#[derive(Clone, Copy, Default)]
pub(crate) struct Times {
    /// The threads that collide.
    pub(crate) program: u64,
    /// The library's reporter.
    pub(crate) reporter: u64,
    /// This crate's threads, and OpenTelemetry's.
    pub(crate) exporter: u64,
}

impl Times {
    /// All zero where the system does not tell.
    pub(crate) fn now() -> Self {
        let mut times = Self::default();
        for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let Some((name, ran)) = thread(&task.path()) else { continue };
            // The kernel keeps fifteen letters of a name.
            let sum = match name.as_str() {
                THREADS => &mut times.program,
                "checkedmap-repo" => &mut times.reporter,
                name if name.starts_with("checkedmap-") || name.starts_with("OpenTelemetry") => &mut times.exporter,
                _ => continue,
            };
            *sum += ran;
        }
        times
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        // Threads that have ended take their time with them.
        Self {
            program: self.program.saturating_sub(before.program),
            reporter: self.reporter.saturating_sub(before.reporter),
            exporter: self.exporter.saturating_sub(before.exporter),
        }
    }
}

fn thread(task: &Path) -> Option<(String, u64)> {
    let name = fs::read_to_string(task.join("comm")).ok()?.trim().to_owned();
    let ran = fs::read_to_string(task.join("schedstat")).ok()?;
    Some((name, ran.split(' ').next()?.parse().ok()?))
}
