//! One admitted access, and the terms on which it may be delayed.

use super::budget::Share;
use crate::access::{Access, Site};

/// What a hunt may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// In nanoseconds, as the window.
    pub(super) longest: u64,
    pub(super) window: u64,
    pub(super) share: Share,
    pub(super) seed: u64,
}

/// One admitted access.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    /// The number of the map's gate.
    pub(super) gate: u64,
    pub(super) made: Site,
    pub(super) name: Option<&'a str>,
    pub(super) access: Access,
    pub(super) thread: u64,
    /// How often the thread has come here, this time included.
    pub(super) occurrence: u64,
    /// Whether the map is hunted in, or only watched.
    pub(super) hunted: bool,
    /// Whether the access may be delayed.
    pub(super) may_linger: bool,
}
