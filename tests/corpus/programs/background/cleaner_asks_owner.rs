//! The map is given to one thread that owns it; handlers and the cleaner send it what they want done.
//!
//! Source: PretendoNetwork/nex-go pull request 40

use std::sync::mpsc::channel;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

enum Wish {
    Store(u32),
    Clean,
}

pub(super) fn run() {
    let (wishes, incoming) = channel();
    let timers = CheckedMap::named("timers");
    timers.insert(0, 1);
    thread::scope(|scope| {
        scope.spawn(move || {
            for wish in incoming {
                match wish {
                    Wish::Store(client) => {
                        timers.insert(client, client % 2);
                    }
                    Wish::Clean => timers.retain(|_client, due| *due > 0),
                }
            }
        });
        for handler in 0..3 {
            let wishes = wishes.clone();
            scope.spawn(move || (0..20).for_each(|client| wishes.send(Wish::Store(client + handler)).unwrap()));
        }
        (0..5).for_each(|_| wishes.send(Wish::Clean).unwrap());
        drop(wishes);
    });
}
