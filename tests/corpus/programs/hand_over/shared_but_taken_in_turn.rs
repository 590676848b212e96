//! Both ends keep a pointer to the map, and the message says whose turn it is.
//!
//! Source: golang/go src/runtime/race/testdata/chan_test.go, TestNoRaceChanSyncRev

use std::sync::mpsc::channel;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let board = CheckedMap::named("board");
    let (to_black, black_turn) = channel();
    let (to_white, white_turn) = channel();
    thread::scope(|scope| {
        let board = &board;
        scope.spawn(move || {
            for mv in black_turn {
                board.insert(mv, "black");
                if to_white.send(mv + 1).is_err() {
                    return;
                }
            }
        });
        for mv in (0..40).step_by(2) {
            board.insert(mv, "white");
            to_black.send(mv + 1).unwrap();
            white_turn.recv().unwrap();
        }
        drop(to_black);
    });
    assert_eq!(board.len(), 40);
}
