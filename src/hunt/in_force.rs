//! The settings in force. Accesses read them at every turn, so they are found by one load: each set is kept for good, and a
//! program applies a handful in its life.

use std::io::Write;
use std::path::{Path, PathBuf};
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
    /// Those before it, which some thread may be reading.
    earlier: Option<&'static InForce>,
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

    /// Maps that hunted by their own word may be gone by the end.
    fn sums_up(&self) -> bool {
        self.is_on_stderr && (self.hunt.is_some() || own::ever())
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
        (Self { asked, terms, plan, earlier: None }, learnt)
    }

    /// Puts these settings in the place of `earlier`, if that is still in force.
    #[allow(unsafe_code)]
    fn replace(mut self: Box<Self>, earlier: Option<&'static Self>) -> Result<&'static Self, Box<Self>> {
        self.earlier = earlier;
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

    /// The plan that was asked for, where nothing was ever hunted that it could be of.
    fn idle_plan(&self) -> Option<&Path> {
        let mut all = std::iter::successors(Some(self), |settings| settings.earlier);
        let hunted = own::ever() || all.any(|settings| settings.asked.hunt.is_some());
        self.asked.plan.as_deref().filter(|_| !hunted)
    }

    fn has_last_words(&self) -> bool {
        self.asked.sums_up() || (self.asked.is_on_stderr && self.asked.plan.is_some())
    }

    fn attend(&'static self) {
        if self.plan.is_some() || self.has_last_words() {
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

/// Some map is hunted in by its own word from now on: opens the plan, which is left aside where nothing is hunted.
pub(super) fn follow_own_word() {
    // Settings that are yet to be read find the word said.
    let Some(settings) = in_force() else { return };
    if settings.plan.is_none() && settings.asked.plan.is_some() {
        let (opened, learnt) = InForce::new(settings.asked.clone());
        adopt(learnt, &opened.terms);
        match Box::new(opened).replace(Some(settings)) {
            Ok(applied) => applied.attend(),
            // Others have come meanwhile, which may have been made before the word was said.
            Err(_) => follow_own_word(),
        }
    } else if settings.asked.sums_up() {
        crate::report::flush_at_exit();
    }
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
    if let Some(words) = in_force().and_then(last_words) {
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr(), "checkedmap: {words}");
    }
}

fn last_words(settings: &InForce) -> Option<String> {
    // The child of a fork has its pairs and its settings from its parent, which speaks of them.
    let has_forked = crate::fork::has_forked();
    if let Some(plan) = settings.idle_plan() {
        let speaks = settings.asked.is_on_stderr && !has_forked;
        let idle = || format!("CHECKEDMAP_HUNT_PLAN={plan:?} is not used: nothing is hunted; CHECKEDMAP_HUNT=1 hunts");
        return speaks.then(idle);
    }
    if !settings.asked.sums_up() {
        return None;
    }
    let status = super::account(settings);
    let (hunted, asked) = (status.hunted, settings.asked.plan.is_some());
    let next = match &settings.plan {
        Some(plan) if plan.is_usable() => format!(", plan in {}", plan.path().display()),
        None if hunted > 0 && !asked => {
            let pairs = if hunted == 1 { "it" } else { "them" };
            format!("; set CHECKEDMAP_HUNT_PLAN=FILE to go on with {pairs} in the next run")
        }
        _ => String::new(),
    };
    (status.delays > 0 || (hunted > 0 && !has_forked)).then(|| format!("{status}{next}"))
}

/// Writes what has been learnt, where a plan is kept.
pub(crate) fn save_plan() {
    if let Some(plan) = in_force().and_then(|settings| settings.plan.as_ref()) {
        save(plan);
    }
}
