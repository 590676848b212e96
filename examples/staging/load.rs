//! The load: clients which log in and look their sessions up, over HTTP, as fast as they are answered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Deserialize;
use ureq::{Agent, RequestBuilder};

use crate::requests::{self, Outgoing};

/// Clients, each with a connection of its own.
const CLIENTS: u64 = 4;

/// A client logs in once in so many requests, and looks a session up otherwise.
const LOGIN_EVERY: u64 = 4;

/// Sessions that a client remembers: enough that some have ended when it comes back to them.
const REMEMBERED: usize = 2048;

/// How long one answer may take before the request counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests by their outcome.
#[derive(Clone, Copy, Default)]
pub(crate) struct Requests {
    pub(crate) ok: u64,
    pub(crate) created: u64,
    pub(crate) not_found: u64,
    pub(crate) internal_error: u64,
    /// Any other status.
    pub(crate) other: u64,
    /// No answer at all.
    pub(crate) unanswered: u64,
    pub(crate) slowest: Duration,
}

impl Requests {
    pub(crate) fn served(&self) -> u64 {
        self.ok + self.created + self.not_found
    }

    pub(crate) fn failed(&self) -> u64 {
        self.internal_error + self.other + self.unanswered
    }
}

/// What the clients write and the run reads. All Relaxed: figures for people, exact once the clients are joined.
#[derive(Default)]
struct Counters {
    ok: AtomicU64,
    created: AtomicU64,
    not_found: AtomicU64,
    internal_error: AtomicU64,
    other: AtomicU64,
    unanswered: AtomicU64,
    slowest: AtomicU64,
    stop: AtomicBool,
}

impl Counters {
    fn add(&self, status: Option<u16>, took: Duration) {
        let counter = match status {
            Some(200) => &self.ok,
            Some(201) => &self.created,
            Some(404) => &self.not_found,
            Some(500) => &self.internal_error,
            Some(_) => &self.other,
            None => &self.unanswered,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.slowest.fetch_max(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn read(&self) -> Requests {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Requests {
            ok: read(&self.ok),
            created: read(&self.created),
            not_found: read(&self.not_found),
            internal_error: read(&self.internal_error),
            other: read(&self.other),
            unanswered: read(&self.unanswered),
            slowest: Duration::from_nanos(read(&self.slowest)),
        }
    }
}

/// The clients at work.
pub(crate) struct Load {
    clients: Vec<JoinHandle<()>>,
    counters: Arc<Counters>,
}

impl Load {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let counters = Arc::new(Counters::default());
        let clients = (1..=CLIENTS).map(|number| start_client(number, address, Arc::clone(&counters)));
        Self { clients: clients.collect(), counters }
    }

    pub(crate) fn counts(&self) -> Requests {
        self.counters.read()
    }

    /// Lets each client finish its request, and returns the final figures.
    pub(crate) fn finish(self) -> Requests {
        self.counters.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.join().expect("a client counts its failures");
        }
        self.counters.read()
    }
}

fn start_client(number: u64, address: SocketAddr, counters: Arc<Counters>) -> JoinHandle<()> {
    let client = Client { agent: agent(), address, number, random: number, sessions: VecDeque::new() };
    let name = format!("client-{number}");
    std::thread::Builder::new().name(name).spawn(move || client.work(&counters)).expect("one more thread")
}

/// Talks to the given address and to nothing else: no proxy, whatever the environment says.
fn agent() -> Agent {
    Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

/// Whether the service still answers.
pub(crate) fn is_alive(address: SocketAddr) -> bool {
    let answer = agent().get(format!("http://{address}/healthz")).call();
    answer.is_ok_and(|answer| answer.status() == 200)
}

/// One client, which remembers the sessions it has opened.
struct Client {
    agent: Agent,
    address: SocketAddr,
    number: u64,
    random: u64,
    sessions: VecDeque<u64>,
}

/// The part of the answer to `POST /login` that a client needs.
#[derive(Deserialize)]
struct Opened {
    id: u64,
}

impl Client {
    fn work(mut self, counters: &Counters) {
        while !counters.stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            let status = match self.known_session() {
                Some(id) => self.look_up(id),
                None => self.log_in(),
            };
            counters.add(status.ok(), began.elapsed());
        }
    }

    /// One of the client's sessions; none when it is time to log in.
    fn known_session(&mut self) -> Option<u64> {
        let random = self.draw();
        if self.sessions.is_empty() || random.is_multiple_of(LOGIN_EVERY) {
            return None;
        }
        let index = usize::try_from(self.draw()).unwrap_or_default() % self.sessions.len();
        Some(self.sessions[index])
    }

    /// Marsaglia's xorshift: the mix of requests is the same in each run.
    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 8
    }

    fn log_in(&mut self) -> Result<u16, ureq::Error> {
        let call = self.call("POST");
        let url = format!("http://{}/login", self.address);
        let person = self.draw() % 10_000;
        let user = format!(r#"{{"user":"person-{}-{person}"}}"#, self.number);
        let request = with_headers(self.agent.post(url).header("content-type", "application/json"), &call);
        let mut answer = request.send(user)?;
        let body = answer.body_mut().read_to_string()?;
        if let Ok(Opened { id }) = serde_json::from_str(&body) {
            if self.sessions.len() == REMEMBERED {
                self.sessions.pop_front();
            }
            self.sessions.push_back(id);
        }
        Ok(answer.status().as_u16())
    }

    /// Each client stands for the people of one company.
    fn call(&self, method: &'static str) -> Outgoing {
        requests::outgoing(method, &format!("tenant-{}", self.number))
    }

    fn look_up(&self, id: u64) -> Result<u16, ureq::Error> {
        let call = self.call("GET");
        let mut answer = with_headers(self.agent.get(format!("http://{}/session/{id}", self.address)), &call).call()?;
        answer.body_mut().read_to_string()?;
        Ok(answer.status().as_u16())
    }
}

fn with_headers<B>(request: RequestBuilder<B>, call: &Outgoing) -> RequestBuilder<B> {
    call.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}
