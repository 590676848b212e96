//! What exporting costs, for each conflict: on the threads that collide, and on those that report and send.
//!
//! `cargo bench -p checkedmap-otel --bench export`. Each situation is a process of its own. The collectors are in the parent: one
//! that answers, one that takes requests and never answers, and a port where nobody listens; `--collector URL` names a real one.

mod collectors;
mod collide;
mod cpu;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use checkedmap::Config;
use checkedmap_otel::Guard;

use collectors::Collectors;
use collide::Pair;

const HELP: &str = "\
usage: cargo bench -p checkedmap-otel --bench export -- [OPTIONS]

  --conflicts N     conflicts in each situation, 100 to 1000000 (default 1000)
  --collector URL   a collector that is well; by default one of the benchmark's own, which decodes nothing

The table has microseconds for each conflict: the median, and in brackets the 10th and the 90th percentile.
  wait      from the holder's leaving until the contender is through, on the clock
  leave     the holder's leaving, on the clock
  program   processor time of both threads that collide, the holder's looking out for the other one included
  reporter  processor time of the library's own thread: symbols, sinks
  exporter  processor time of this crate's threads and of OpenTelemetry's
  end       the last delivery, in milliseconds on the clock, and what became of the reports";

/// Between two of these the queues are let run empty.
const BATCH: usize = 50;

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SITUATIONS: [&str; 4] = ["no exporter", "well", "away", "hung"];

struct Options {
    conflicts: usize,
    collector: Option<String>,
    /// In a child: its situation.
    situation: Option<String>,
}

fn parse() -> Result<Option<Options>, String> {
    let mut options = Options { conflicts: 1000, collector: None, situation: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} takes a value"));
        match argument.as_str() {
            "--conflicts" => {
                let given = value()?;
                let number = given.parse().ok().filter(|number| (100..=1_000_000).contains(number));
                options.conflicts = number.ok_or_else(|| format!("--conflicts {given:?}: 100 to 1000000"))?;
            }
            "--collector" => options.collector = Some(value()?),
            "--situation" => options.situation = Some(value()?),
            // Cargo's.
            "--bench" => {}
            "--help" | "-h" => return Ok(None),
            _ => return Err(format!("unknown option {argument:?}; --help tells more")),
        }
    }
    Ok(Some(options))
}

fn main() -> ExitCode {
    match parse() {
        Ok(None) => println!("{HELP}"),
        Ok(Some(options)) => match &options.situation {
            Some(situation) => println!("{}", measure(situation, &options)),
            None => return compare(&options),
        },
        Err(wrong) => {
            eprintln!("export: {wrong}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Each situation in a process of its own.
fn compare(options: &Options) -> ExitCode {
    let collectors = Collectors::start();
    println!("{} conflicts in each situation, in microseconds each (--help says what is what)", options.conflicts);
    println!(
        "{:12} {:>22} {:>22} {:>22} {:>22} {:>22}  end",
        "collector", "wait", "leave", "program", "reporter", "exporter"
    );
    for situation in SITUATIONS {
        let endpoint = match situation {
            "away" => Some(collectors.away()),
            "hung" => Some(collectors.hung()),
            "well" => Some(options.collector.clone().unwrap_or_else(|| collectors.well())),
            _ => None,
        };
        let mut child = Command::new(std::env::current_exe().expect("the benchmark has a file"));
        child.args(["--situation", situation, "--conflicts", &options.conflicts.to_string()]);
        if let Some(endpoint) = endpoint {
            child.args(["--collector", &endpoint]);
        }
        if !child.status().is_ok_and(|status| status.success()) {
            eprintln!("export: the situation {situation:?} failed");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// One situation; a line of the table.
fn measure(situation: &str, options: &Options) -> String {
    Config::new().with_report([]).with_evidence(PATIENCE).apply();
    let telemetry = options.collector.as_ref().map(|endpoint| {
        let builder = checkedmap_otel::builder().with_otlp(endpoint, Duration::from_secs(10));
        builder.install().expect("the exporter starts")
    });
    let pair = Pair::start();
    // The first symbol of a process costs as much as a hundred later ones.
    pair.collide(BATCH);
    settle(telemetry.as_ref(), situation == "well");

    let (mut waits, mut leaves, mut costs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.conflicts.div_ceil(BATCH) {
        let before = cpu::Times::now();
        for times in pair.collide(BATCH) {
            waits.push(times.wait.as_secs_f64() * 1e6);
            leaves.push(times.leave.as_secs_f64() * 1e6);
        }
        settle(telemetry.as_ref(), situation == "well");
        costs.push(cpu::Times::now().since(&before));
    }
    let each = |of: fn(&cpu::Times) -> u64| costs.iter().map(|cost| of(cost) as f64 / 1e3 / BATCH as f64).collect();
    let (program, reporter, exporter) =
        (each(|cost| cost.program), each(|cost| cost.reporter), each(|cost| cost.exporter));
    let columns = [waits, leaves, program, reporter, exporter].map(spread).join(" ");
    let began = Instant::now();
    let end = telemetry.map_or_else(String::new, |telemetry| {
        let accounts = telemetry.finish();
        format!("{:.0} ms; {accounts}", began.elapsed().as_secs_f64() * 1e3)
    });
    format!("{situation:12} {columns}  {end}")
}

/// Lets the queues run empty: the library's, and the exporter's where somebody takes what is in it.
fn settle(telemetry: Option<&Guard>, delivers: bool) {
    let deadline = Instant::now() + PATIENCE;
    while checkedmap::books().queued > 0
        || (delivers && telemetry.is_some_and(|telemetry| telemetry.accounts().pending > 0))
    {
        assert!(Instant::now() < deadline, "the queues do not run empty");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn spread(mut samples: Vec<f64>) -> String {
    samples.sort_by(f64::total_cmp);
    let at = |percent: usize| samples[(samples.len() - 1) * percent / 100];
    format!("{:>22}", format!("{:.1} [{:.1}, {:.1}]", at(50), at(10), at(90)))
}
