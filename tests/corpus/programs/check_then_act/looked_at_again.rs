//! A miss under the read lock is looked at again under the write lock before anything is stored.
//!
//! Source: PostHog/posthog pull request 25258

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let teams: RwLock<CheckedMap<u32, u32>> = RwLock::new(CheckedMap::named("teams"));
    let team_of = |token| {
        if let Some(team) = teams.read().unwrap().get(&token) {
            return *team;
        }
        thread::sleep(Duration::from_micros(100));
        // The map is written through `&self`; the lock keeps the others out.
        #[allow(clippy::readonly_write_lock)]
        let teams = teams.write().unwrap();
        let stored = teams.get(&token).map(|team| *team);
        stored.unwrap_or_else(|| {
            teams.insert(token, token * 7);
            token * 7
        })
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..15).map(team_of).sum::<u32>());
        }
    });
}
