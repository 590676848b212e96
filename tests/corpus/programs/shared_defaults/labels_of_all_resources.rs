//! Every resource is given the same map of labels, and the framework adds a label to each resource it creates.
//!
//! Source: rancher/norman pull request 252

use std::sync::LazyLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

static LABELS: LazyLock<CheckedMap<&'static str, String>> = LazyLock::new(|| {
    let labels = CheckedMap::named("labels");
    labels.insert("team", "platform".to_owned());
    labels
});

struct Resource {
    labels: &'static CheckedMap<&'static str, String>,
}

fn create(resource: &Resource, creator: u32) {
    resource.labels.insert("creator", creator.to_string());
}

pub(super) fn run() {
    thread::scope(|scope| {
        for creator in 0..4 {
            scope.spawn(move || create(&Resource { labels: &LABELS }, creator));
        }
    });
}
