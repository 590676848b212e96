//! A client finds no answer yet, asks for it, waits until the worker says that it is there, and takes it out.
//!
//! Source: Xudong-Huang/may_waiter README.md, a map to wait for responses in

use std::sync::mpsc::{Sender, channel};
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

fn ask(answers: &CheckedMap<u32, u32>, request: u32, worker: &Sender<(u32, Sender<()>)>) -> u32 {
    if answers.get(&request).is_none() {
        let (announce, announced) = channel();
        worker.send((request, announce)).unwrap();
        announced.recv().unwrap();
    }
    answers.remove(&request).unwrap()
}

pub(super) fn run() {
    let answers = CheckedMap::named("answers");
    let (worker, requests) = channel::<(u32, Sender<()>)>();
    thread::scope(|scope| {
        let answers = &answers;
        scope.spawn(move || {
            for (request, announce) in requests {
                answers.insert(request, request * 7);
                announce.send(()).unwrap();
            }
        });
        assert_eq!((0..20).map(|request| ask(answers, request, &worker)).sum::<u32>(), 190 * 7);
        drop(worker);
    });
}
