//! One collection's way in: its gate, and what follows a refusal.
//!
//! A [`Checkpoint`] is what a cell or a map holds beside its contents. [`Checkpoint::enter`] is the fast path; everything
//! after a refusal is cold: naming both sides, the evidence, the report, and then what the [`Mode`] says.
//!
//! Published, an access is an [`attempt`]; let in, an [`admission`], whose proof is a [`permit`]; refused, an [`encounter`].

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use crate::access::Site;
use crate::config;
use crate::conflict::Subject;
use crate::gate::{Gate, Regime};
use crate::observe::{INHERIT, Registered, Vitals};
use crate::policy::{Circuit, Mode};
use crate::sync::Ordering;

mod admission;
mod attempt;
mod degraded;
mod encounter;
mod entrance;
mod permit;
mod refused;
mod trail;
mod turn;
mod watcher;

pub(crate) use permit::Permit;
pub(crate) use trail::Trail;
pub(crate) use watcher::Watcher;

/// See the module's page.
pub(crate) struct Checkpoint {
    gate: Gate,
    /// In use while the collection has no name.
    vitals: Vitals,
    /// In use instead once it has one, shared with those who [`observe`](crate::observe) the process.
    registered: Option<Arc<Registered>>,
    name: Option<Cow<'static, str>>,
    created: Site,
    type_name: fn() -> &'static str,
}

impl Checkpoint {
    pub(crate) const fn new(type_name: fn() -> &'static str, created: Site) -> Self {
        Self { gate: Gate::new(), vitals: Vitals::new(), registered: None, name: None, created, type_name }
    }

    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        let (mode, hunt, stale_checks) = (self.own_mode(), self.own_hunt(), self.own_stale_checks());
        self.set_hunt(None);
        self.set_stale_checks(None);
        let id = self.gate.identity();
        self.registered = Some(Registered::new(id, name.clone(), (self.type_name)(), self.created));
        self.name = Some(name);
        self.set_mode(mode);
        self.set_stale_checks(stale_checks);
        self.set_hunt(hunt);
    }

    /// The collection's own word on whether accesses by key are remembered; `None` where it follows the configuration.
    pub(crate) fn own_stale_checks(&self) -> Option<bool> {
        self.vitals().watch.own()
    }

    /// Whether accesses by key are remembered.
    pub(crate) fn stale_checks(&self) -> bool {
        self.vitals().watch.is_on(self.name())
    }

    /// Sets whether accesses by key are remembered, or with `None` lets the collection follow the configuration again.
    pub(crate) fn set_stale_checks(&self, on: Option<bool>) {
        self.vitals().watch.set_own(on);
    }

    #[cfg(test)]
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    fn vitals(&self) -> &Vitals {
        self.registered.as_ref().map_or(&self.vitals, |registered| &registered.vitals)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The mode in force: the collection's own, else the one configured for its name, else the process's.
    pub(crate) fn mode(&self) -> Mode {
        self.own_mode().unwrap_or_else(|| config::mode_for(self.name()))
    }

    /// The collection's own mode; `None` where it follows the configuration.
    pub(crate) fn own_mode(&self) -> Option<Mode> {
        self.vitals().own_mode()
    }

    /// Sets the collection's own mode, or with `None` lets it follow the configuration again.
    pub(crate) fn set_mode(&self, mode: Option<Mode>) {
        // Relaxed: a setting; it orders nothing.
        self.vitals().mode.store(mode.map_or(INHERIT, |mode| mode as u32), Ordering::Relaxed);
    }

    /// The collection's own word on whether it is hunted in; `None` where it follows the configuration.
    pub(crate) fn own_hunt(&self) -> Option<bool> {
        self.vitals().hunt.get()
    }

    /// Whether the collection is hunted in.
    pub(crate) fn hunt(&self) -> bool {
        self.own_hunt().unwrap_or_else(|| config::hunts_in(self.name()))
    }

    /// Sets whether the collection is hunted in, or with `None` lets it follow the configuration again.
    pub(crate) fn set_hunt(&self, hunt: Option<bool>) {
        self.vitals().hunt.set(hunt);
    }

    pub(crate) fn circuit(&self) -> Circuit {
        self.vitals().breaker.circuit(self.gate.regime() == Regime::Degraded, Instant::now())
    }

    /// How often the circuit has opened.
    pub(crate) fn trips(&self) -> u32 {
        self.vitals().breaker.trips()
    }

    /// What reports call this collection.
    #[cold]
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            id: self.gate.identity(),
            name: self.name.clone(),
            type_name: (self.type_name)(),
            created: self.created,
        }
    }
}
