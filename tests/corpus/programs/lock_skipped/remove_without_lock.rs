//! The cache manager takes its lock to look up and to store; the timer that drops an entry does not.
//!
//! Source: docker/docker-language-server issue 298

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let (lock, images) = (Mutex::new(()), CheckedMap::named("images"));
    thread::scope(|scope| {
        for image in 0..8 {
            {
                let _held = lock.lock();
                images.insert(image, "manifest");
            }
            let images = &images;
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(1));
                images.remove(&image);
            });
            thread::sleep(Duration::from_micros(300));
        }
    });
}
