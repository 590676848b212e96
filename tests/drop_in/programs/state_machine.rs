#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Idle,
    Running,
    Done,
}

pub fn run() -> String {
    let transitions: HashMap<(State, &str), State> = HashMap::from([
        ((State::Idle, "start"), State::Running),
        ((State::Running, "finish"), State::Done),
        ((State::Running, "stop"), State::Idle),
    ]);
    let mut state = State::Idle;
    let mut trace = vec![state];
    for event in ["start", "stop", "finish", "start", "finish"] {
        if let Some(next) = transitions.get(&(state, event)) {
            state = *next;
            trace.push(state);
        }
    }
    format!("{trace:?}")
}
