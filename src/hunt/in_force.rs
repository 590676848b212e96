//! The settings in force. Accesses read them at every turn, so they are found by one load: each set is kept for good, and a
//! program applies a handful in its life.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use super::budget::Share;
use super::plan::Plan;
use super::plan_file::PlanFile;
use super::visit::Terms;
use super::{HUNTER, hunter, own, saver, seed};
use crate::config::{Config, Hunt, ReportTarget};

/// The hunt's part of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// `None` where only maps that say so themselves are hunted in.
    pub(super) hunt: Option<Hunt>,
    seed: Option<u64>,
    plan: Option<PathBuf>,
    /// Whether near misses are counted where nothing is hunted.
    pub(super) near_misses: bool,
    /// Whether reports go to standard error, which then hears at the end how the hunt went.
    is_on_stderr: bool,
}

/// See the module's page.
pub(super) struct InForce {
    pub(super) asked: Asked,
    pub(super) terms: Terms,
    /// Left aside where nothing is hunted.
    pub(super) plan: Option<PlanFile>,
    /// Some thread may be reading those before it.
    _earlier: Option<&'static InForce>,
}

/// The settings applied last, or null. What is here stays for good.
static LATEST: AtomicPtr<InForce> = AtomicPtr::new(std::ptr::null_mut());

/// The settings applied last.
#[allow(unsafe_code)]
pub(super) fn in_force() -> Option<&'static InForce> {
    // SAFETY: null, or leaked by `InForce::replace` and shared from then on. Acquire pairs with the Release there.
    unsafe { LATEST.load(Ordering::Acquire).as_ref() }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Asked {
    fn of(config: &Config) -> Self {
        let hunt = config.hunt().cloned();
        let is_on_stderr = config.report().contains(&ReportTarget::Stderr);
        let plan = config.hunt_plan().map(ToOwned::to_owned);
        Self { hunt, seed: config.hunt_seed(), plan, near_misses: config.near_misses(), is_on_stderr }
    }

    fn sums_up(&self) -> bool {
        self.hunt.is_some() && self.is_on_stderr
    }
}

impl InForce {
    fn new(asked: Asked) -> (Self, Plan) {
        let bounds = asked.hunt.clone().unwrap_or_default();
        let terms = Terms {
            longest: nanoseconds(bounds.delay()),
            window: nanoseconds(bounds.window()),
            share: Share(bounds.budget()),
            seed: asked.seed.unwrap_or_else(seed::chosen),
        };
        let hunts = asked.hunt.is_some() || own::any();
        let opened = asked.plan.clone().filter(|_| hunts).map(PlanFile::open);
        let (plan, learnt) = opened.map_or((None, Plan::default()), |(file, plan)| (Some(file), plan));
        (Self { asked, terms, plan, _earlier: None }, learnt)
    }

    /// Puts these settings in the place of `earlier`, if that is still in force.
    #[allow(unsafe_code)]
    fn replace(mut self: Box<Self>, earlier: Option<&'static Self>) -> Result<&'static Self, Box<Self>> {
        self._earlier = earlier;
        let expected = earlier.map_or(std::ptr::null_mut(), |earlier| std::ptr::from_ref(earlier).cast_mut());
        let new = Box::into_raw(self);
        // Release: pairs with the load in `in_force`, which finds the settings complete.
        match LATEST.compare_exchange(expected, new, Ordering::Release, Ordering::Relaxed) {
            // SAFETY: made from a box above, and never freed nor changed now that it is in place.
            Ok(_) => Ok(unsafe { &*new }),
            // SAFETY: made from a box above, and nobody else has seen it.
            Err(_) => Err(unsafe { Box::from_raw(new) }),
        }
    }

    fn attend(&'static self) {
        if self.plan.is_some() || self.asked.sums_up() {
            crate::report::flush_at_exit();
        }
        if let Some(plan) = &self.plan {
            plan.complain();
            if plan.is_usable() {
                saver::start(save_plan);
            }
        }
    }
}

/// Makes the hunt's part of the environment's configuration the process's, unless another is in force. To be called before the
/// configuration can be found: who finds it must find the hunt on, since a short program's only accesses may come at once.
pub(crate) fn configure_first(config: &Config) {
    if in_force().is_none() {
        let (settings, learnt) = InForce::new(Asked::of(config));
        // Twice, by two threads, is as good as once.
        adopt(learnt, &settings.terms);
        let _ = Box::new(settings).replace(None);
    }
}

/// Sees to the files and the last words of what [`configure_first`] put in force.
pub(crate) fn attend_first() {
    if let Some(settings) = in_force() {
        settings.attend();
    }
}

/// Makes the hunt's part of a configuration the process's.
pub(crate) fn configure(config: &Config) {
    put_in_force(Asked::of(config));
}

/// Changes how is hunted, and nothing else. The settings have been read.
pub(crate) fn set(hunt: Option<Hunt>) {
    if let Some(settings) = in_force() {
        put_in_force(Asked { hunt, ..settings.asked.clone() });
    }
}

/// Whether a map of this name that says nothing itself is hunted in.
pub(crate) fn is_on_for(name: Option<&str>) -> bool {
    in_force().is_some_and(|settings| settings.asked.hunt.as_ref().is_some_and(|hunt| hunt.covers(name)))
}

fn put_in_force(asked: Asked) {
    save_plan();
    if in_force().is_some_and(|settings| settings.asked == asked) {
        return;
    }
    let (settings, learnt) = InForce::new(asked);
    adopt(learnt, &settings.terms);
    let mut settings = Box::new(settings);
    let applied = loop {
        match settings.replace(in_force()) {
            Ok(applied) => break applied,
            Err(refused) => settings = refused,
        }
    };
    crate::gate::wake_lingering();
    applied.attend();
}

fn adopt(learnt: Plan, terms: &Terms) {
    if learnt != Plan::default() {
        let _held_back = crate::fork::hold_back();
        hunter().adopt(learnt, terms);
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

/// The program ends: writes what has been learnt, and says how the hunt went if there was anything to hunt.
pub(crate) fn finish() {
    save_plan();
    let Some(settings) = in_force().filter(|settings| settings.asked.sums_up()) else { return };
    // The child of a fork has its pairs from its parent, which speaks of them.
    let hunts = |hunted| hunted > 0 && !crate::fork::has_forked();
    let Some(status) = super::status().filter(|status| status.delays > 0 || hunts(status.hunted)) else { return };
    let next = match &settings.plan {
        Some(plan) if plan.is_usable() => format!(", plan in {}", plan.path().display()),
        None if status.hunted > 0 => ", where a plan (CHECKEDMAP_HUNT_PLAN) would begin".to_owned(),
        _ => String::new(),
    };
    // A closed stderr is no reason to fail.
    let _ = writeln!(std::io::stderr(), "checkedmap: {status}{next}");
}

/// Writes what has been learnt, where a plan is kept.
pub(crate) fn save_plan() {
    if let Some(plan) = in_force().and_then(|settings| settings.plan.as_ref()) {
        save(plan);
    }
}
