//! The settings in force. Accesses read them at every turn, so they are found without a lock: each set is kept for good
//! beside those before it, and a program applies a handful in its life.

use std::io::Write;
use std::time::Duration;

use once_cell::race::OnceBox;

use super::budget::Share;
use super::hunter::Terms;
use super::plan_file::PlanFile;
use super::settings::Hunt;
use super::{HUNTER, hunter, seed};
use crate::config::{Config, ReportTarget};

/// See the module's page.
pub(super) struct InForce {
    /// `None` where only maps that say so themselves are hunted in.
    pub(super) hunt: Option<Hunt>,
    pub(super) terms: Terms,
    /// Whether near misses are counted where nothing is hunted.
    pub(super) near_misses: bool,
    pub(super) plan: Option<PlanFile>,
    /// Whether standard error hears at the end how the hunt went.
    sums_up: bool,
    next: OnceBox<InForce>,
}

static FIRST: OnceBox<InForce> = OnceBox::new();

/// The settings applied last.
pub(super) fn in_force() -> Option<&'static InForce> {
    std::iter::successors(FIRST.get(), |settings| settings.next.get()).last()
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl InForce {
    fn new(config: &Config) -> (Self, super::plan::Plan) {
        let hunt = config.hunt().cloned();
        let bounds = hunt.clone().unwrap_or_default();
        let terms = Terms {
            longest: nanoseconds(bounds.delay()),
            window: nanoseconds(bounds.window()),
            share: Share(bounds.budget()),
            seed: config.hunt_seed().unwrap_or_else(seed::chosen),
        };
        let opened = config.hunt_plan().map(|path| PlanFile::open(path.to_owned()));
        let (plan, learnt) = opened.map_or((None, Default::default()), |(file, plan)| (Some(file), plan));
        let near_misses = config.near_misses();
        let sums_up = hunt.is_some() && config.report().contains(&ReportTarget::Stderr);
        (Self { hunt, terms, near_misses, plan, sums_up, next: OnceBox::new() }, learnt)
    }

    fn attend(&'static self) {
        if self.plan.is_some() || self.sums_up {
            crate::report::flush_at_exit();
        }
        if let Some(plan) = &self.plan {
            plan.complain();
            plan.save_in_background(save);
        }
    }
}

/// Makes the hunt's part of the environment's configuration the process's, unless another is in force. To be called before the
/// configuration can be found: who finds it must find the hunt on, since a short program's only accesses may come at once.
pub(crate) fn configure_first(config: &Config) {
    if FIRST.get().is_none() {
        let (settings, learnt) = InForce::new(config);
        // Twice, by two threads, is as good as once.
        adopt(learnt, settings.terms.longest);
        let _ = FIRST.set(Box::new(settings));
    }
}

/// Sees to the files and the last words of what [`configure_first`] put in force.
pub(crate) fn attend_first() {
    if let Some(settings) = FIRST.get() {
        settings.attend();
    }
}

/// Makes the hunt's part of a configuration the process's.
pub(crate) fn configure(config: &Config) {
    super::save_plan();
    let (settings, learnt) = InForce::new(config);
    adopt(learnt, settings.terms.longest);
    let mut place = &FIRST;
    let mut settings = Box::new(settings);
    let applied = loop {
        match place.set(settings) {
            Ok(()) => break place.get(),
            Err(refused) => settings = refused,
        }
        match place.get() {
            Some(earlier) => place = &earlier.next,
            None => return,
        }
    };
    super::delay::wake();
    if let Some(applied) = applied {
        applied.attend();
    }
}

fn adopt(learnt: super::plan::Plan, longest: u64) {
    if learnt != Default::default() {
        let _held_back = crate::fork::hold_back();
        hunter().adopt(learnt, longest);
    }
}

fn save(plan: &PlanFile) {
    if let Some(hunter) = HUNTER.get() {
        plan.save(|| {
            let _held_back = crate::fork::hold_back();
            hunter.learnt()
        });
    }
}

/// The program ends: writes what has been learnt, and says how the hunt went if it did anything.
pub(crate) fn finish() {
    save_plan();
    if in_force().is_some_and(|settings| settings.sums_up)
        && let Some(status) = super::status().filter(|status| status.delays > 0)
    {
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr(), "checkedmap: {status}");
    }
}

/// Writes what has been learnt, where a plan is kept.
pub(crate) fn save_plan() {
    if let Some(plan) = in_force().and_then(|settings| settings.plan.as_ref()) {
        save(plan);
    }
}
