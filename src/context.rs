//! What a thread was doing for whom: the request behind an access.
//!
//! The library knows of no tracing system. A program, or `checkedmap-otel`, installs a [`ContextProvider`]; it is asked on
//! the thread that makes the access, and only when that access is part of a conflict.

use std::cell::Cell;
use std::sync::OnceLock;

/// The request a side of a conflict was serving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RequestContext {
    /// W3C trace id, 32 hexadecimal digits.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub trace_id: Option<String>,
    /// W3C span id, 16 hexadecimal digits.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub span_id: Option<String>,
    /// The async task, as its runtime numbers it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub task: Option<String>,
    /// Entries the program chose to carry along, such as a tenant.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub baggage: Vec<(String, String)>,
}

impl RequestContext {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Tells the request the calling thread is serving.
///
/// It is called on the application's threads while they are stopped by a conflict: it should take microseconds, and a
/// panic of it is caught and taken as an empty context.
pub trait ContextProvider: Send + Sync {
    /// Adds what is known of the calling thread's request.
    fn describe(&self, context: &mut RequestContext);
}

thread_local! {
    // Needs no destructor, so it can be read at any point of a thread's life.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is inside the provider: somebody waits for what it says, and not for long.
pub(crate) fn is_asking() -> bool {
    ASKING.get()
}

static PROVIDER: OnceLock<Box<dyn ContextProvider>> = OnceLock::new();

/// Installs the process's context provider.
///
/// # Errors
///
/// Hands the provider back where one is installed: two would overwrite each other's ids.
pub fn set_context_provider(provider: Box<dyn ContextProvider>) -> Result<(), Box<dyn ContextProvider>> {
    PROVIDER.set(provider)
}

/// The calling thread's request, as far as anyone knows.
pub(crate) fn current() -> RequestContext {
    let mut context = RequestContext { task: task(), ..RequestContext::default() };
    if let Some(provider) = PROVIDER.get() {
        let before = ASKING.replace(true);
        let described = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut context = context.clone();
            provider.describe(&mut context);
            context
        }));
        ASKING.set(before);
        context = described.unwrap_or(context);
    }
    context
}

#[cfg(feature = "tokio")]
fn task() -> Option<String> {
    tokio::task::try_id().map(|id| id.to_string())
}

#[cfg(not(feature = "tokio"))]
fn task() -> Option<String> {
    None
}
