//! Maps that are filled by whoever comes first.

mod filled_once;
mod fillers_on_first_request;
mod lazy_provider;
mod metrics_of_a_plugin;
mod static_of_first_use;

programs! { "lazy_init":
    filled_once
    fillers_on_first_request
    lazy_provider
    metrics_of_a_plugin
    static_of_first_use
}
