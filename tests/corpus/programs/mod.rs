//! The programs: one file each, in the folder of what causes the race, benign twins beside them.
//!
//! A file's first lines tell what happens and, after `Source:`, where it was seen. The bugs are written as a user would have
//! them after swapping a checked map in; nothing in a program waits in order to be found. A sleep stands for work.

use std::fmt;

use checkedmap::ConflictKind;

use crate::mode::Mode;

/// The kind of a stale check.
pub(crate) const STALE: &str = "stale_check";

const SOURCE: &str = "//! Source: ";

/// One program.
pub(crate) struct Program {
    pub(crate) category: &'static str,
    pub(crate) name: &'static str,
    /// Its file.
    text: &'static str,
    pub(crate) expectation: Expectation,
    pub(crate) run: fn(),
}

/// The programs of one folder.
pub(crate) struct Category {
    pub(crate) name: &'static str,
    programs: &'static [Program],
}

/// The races in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The kinds two of its accesses can collide with.
    overlap: &'static [ConflictKind],
    /// Whether it acts on what may no longer hold.
    stale: bool,
    /// Whether its threads never come to one map within a moment of each other.
    apart: bool,
}

impl Expectation {
    pub(crate) const fn none() -> Self {
        Self { overlap: &[], stale: false, apart: false }
    }

    /// Nothing, not even a near miss: each map has one thread, and what is tested is that maps and threads are told apart.
    pub(crate) const fn apart() -> Self {
        Self { overlap: &[], stale: false, apart: true }
    }

    pub(crate) const fn overlap(kinds: &'static [ConflictKind]) -> Self {
        Self { overlap: kinds, stale: false, apart: false }
    }

    pub(crate) const fn stale() -> Self {
        Self { overlap: &[], stale: true, apart: false }
    }

    /// The same, and a check that may be stale by the time it is acted on.
    pub(crate) const fn or_stale(mut self) -> Self {
        self.stale = true;
        self
    }

    pub(crate) const fn is_benign(self) -> bool {
        self.overlap.is_empty() && !self.stale
    }

    pub(crate) const fn is_apart(self) -> bool {
        self.apart
    }

    pub(crate) const fn overlaps(self) -> bool {
        !self.overlap.is_empty()
    }

    /// Whether it is for stale checks to find; where the calls may overlap as well, hunting answers for it.
    pub(crate) const fn is_for_stale_checks(self) -> bool {
        self.stale && self.overlap.is_empty()
    }

    /// Whether a report of this kind tells of a race that is there.
    pub(crate) fn admits(self, kind: &str) -> bool {
        self.kinds().contains(&kind)
    }

    /// Whether a report of this kind is what the mode is for.
    pub(crate) fn is_found_by(self, mode: Mode, kind: &str) -> bool {
        self.admits(kind) && (kind == STALE) == (mode == Mode::Stale)
    }

    pub(crate) fn kinds(self) -> Vec<&'static str> {
        self.overlap.iter().map(|kind| kind.as_str()).chain(self.stale.then_some(STALE)).collect()
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds();
        f.pad(&if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") })
    }
}

impl Program {
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.category, self.name)
    }

    /// Whether it has this path, or is of this category.
    pub(crate) fn is(&self, path_or_category: &str) -> bool {
        self.category == path_or_category || self.path() == path_or_category
    }

    /// Where the bug, or the code without it, was seen.
    pub(crate) fn source(&self) -> &'static str {
        self.text.lines().find_map(|line| line.strip_prefix(SOURCE)).unwrap_or_default()
    }
}

pub(crate) fn all() -> impl Iterator<Item = &'static Program> {
    CATEGORIES.iter().flat_map(|category| category.programs)
}

/// A folder's module: its files by name.
macro_rules! programs {
    ($category:literal: $($name:ident)*) => {
        pub(super) const CATEGORY: $crate::programs::Category = $crate::programs::Category {
            name: $category,
            programs: &[$($crate::programs::Program {
                category: $category,
                name: stringify!($name),
                text: include_str!(concat!(stringify!($name), ".rs")),
                expectation: $name::EXPECTATION,
                run: $name::run,
            }),*],
        };
    };
}

mod async_tasks;
mod background;
mod check_then_act;
mod escaped_map;
mod eviction;
mod guards;
mod hand_over;
mod iteration;
mod lazy_init;
mod lock_skipped;
mod lost_update;
mod pools;
mod reload;
mod shared_defaults;
mod unsafe_shared;
mod unsynchronised;
mod wrong_lock;

pub(crate) const CATEGORIES: &[Category] = &[
    async_tasks::CATEGORY,
    background::CATEGORY,
    check_then_act::CATEGORY,
    escaped_map::CATEGORY,
    eviction::CATEGORY,
    guards::CATEGORY,
    hand_over::CATEGORY,
    iteration::CATEGORY,
    lazy_init::CATEGORY,
    lock_skipped::CATEGORY,
    lost_update::CATEGORY,
    pools::CATEGORY,
    reload::CATEGORY,
    shared_defaults::CATEGORY,
    unsafe_shared::CATEGORY,
    unsynchronised::CATEGORY,
    wrong_lock::CATEGORY,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn entries(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    }

    #[test]
    fn every_file_is_run() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
        let mut files = BTreeSet::new();
        for category in entries(&folder).iter().filter(|path| path.is_dir()) {
            for file in entries(category).iter().filter(|file| !file.ends_with("mod.rs")) {
                let name = file.strip_prefix(&folder).expect("inside").with_extension("");
                files.insert(name.to_str().expect("text").to_owned());
            }
        }
        assert_eq!(files, all().map(Program::path).collect());
    }

    #[test]
    fn every_program_has_a_source() {
        for program in all() {
            assert!(program.source().len() > 5, "{} names no source", program.path());
        }
    }

    #[test]
    fn the_corpus_is_as_wide_as_it_says() {
        let benign = all().filter(|program| program.expectation.is_benign()).count();
        assert!(all().count() >= 80 && CATEGORIES.len() >= 14, "{} in {}", all().count(), CATEGORIES.len());
        assert!(benign * 3 >= all().count(), "{benign} of {} are benign", all().count());
    }
}
