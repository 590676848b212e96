//! `peers.json` and `peers.svg`.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::matrix::SMALL;
use crate::stats::Spread;
use crate::subjects::Role;
use crate::table::{Line, Table};
use crate::targets::{Results, Target};

/// Writes both files.
pub(crate) fn write(directory: &Path, results: &Results, targets: &[Target], go: Option<&str>) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let document = document(results, targets, go);
    fs::write(directory.join("peers.json"), serde_json::to_string_pretty(&document)? + "\n")?;
    fs::write(directory.join("peers.svg"), plot(&results.tables))
}

fn spread(spread: &Spread) -> Value {
    let Spread { p10, median, p90, rounds, calm } = spread;
    json!({ "p10": p10, "median": median, "p90": p90, "rounds": rounds, "undisturbed": calm })
}

fn document(results: &Results, targets: &[Target], go: Option<&str>) -> Value {
    let line = |line: &Line| json!({ "subject": line.subject, "role": format!("{:?}", line.role), "time": spread(&line.spread) });
    let table = |table: &Table| {
        json!({
            "operation": table.about.operation, "key": table.about.key, "hasher": table.about.hasher,
            "entries": table.about.entries, "threads": table.about.threads, "unit": table.unit,
            "lines": table.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    let target =
        |target: &Target| json!({ "what": target.what, "bound": target.bound, "seen": target.seen, "met": target.met });
    json!({
        "version": 1,
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "go": go,
        "tables": results.tables.iter().map(table).collect::<Vec<_>>(),
        "alternating": results.worst.iter().map(|worst| json!({
            "streak": worst.streak, "counted": spread(&worst.counted), "regimes": spread(&worst.regimes),
        })).collect::<Vec<_>>(),
        "conflict": results.stalls.iter().map(|stall| json!({
            "stay": stall.stay, "holder": spread(&stall.holder), "contender": spread(&stall.contender),
        })).collect::<Vec<_>>(),
        "targets": targets.iter().map(target).collect::<Vec<_>>(),
    })
}

const WIDTH: f64 = 460.0;
const LABEL: f64 = 150.0;
const ROW: f64 = 17.0;
const HEAD: f64 = 34.0;

/// A few tables that say most, as bars; the bars' ends are medians and the whiskers go from the 10th to the 90th percentile.
fn plot(tables: &[Table]) -> String {
    let wanted = [("get", 1), ("insert", 1), ("get", 2), ("mixed 90/10", 1)];
    let shown: Vec<&Table> = wanted
        .iter()
        .filter_map(|(operation, threads)| {
            tables.iter().find(|table| {
                let about = &table.about;
                (about.operation, about.threads, about.entries) == (*operation, *threads, SMALL)
                    && (about.key, about.hasher) == ("u64", "foldhash")
            })
        })
        .collect();
    let height = |table: &Table| HEAD + ROW * table.lines.len() as f64 + 12.0;
    let rows: Vec<f64> = shown.chunks(2).map(|row| row.iter().map(|table| height(table)).fold(0.0, f64::max)).collect();
    let (width, total) = (WIDTH * 2.0, rows.iter().sum::<f64>() + 10.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {total}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"{width}\" height=\"{total}\" fill=\"#ffffff\"/>\n"
    );
    let mut top = 0.0;
    for (row, height) in shown.chunks(2).zip(rows) {
        for (column, table) in row.iter().enumerate() {
            panel(&mut svg, table, column as f64 * WIDTH, top);
        }
        top += height;
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, table: &Table, left: f64, top: f64) {
    let mut lines: Vec<&Line> = table.lines.iter().collect();
    lines.sort_by(|a, b| a.spread.median.total_cmp(&b.spread.median));
    // What is far slower than the rest would leave the rest no room.
    let middle = lines.get(lines.len() / 2).map_or(1.0, |line| line.spread.median);
    let longest =
        lines.iter().map(|line| line.spread.median).fold(0.0, f64::max).min(middle * 4.0).max(f64::MIN_POSITIVE);
    let scale = (WIDTH - LABEL - 80.0) / longest;
    let title = format!("{} ({})", table.about.title(), table.unit);
    let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{title}</text>", left + 10.0, top + 22.0);
    for (place, line) in lines.iter().enumerate() {
        let y = top + HEAD + ROW * place as f64;
        let x = left + LABEL;
        let Spread { p10, median, p90, .. } = line.spread;
        let end = |time: f64| x + (time.min(longest) * scale).max(0.0);
        let colour = match line.role {
            Role::Limit => "#9e9e9e",
            Role::Checked => "#d9480f",
            Role::Peer => "#1c7ed6",
            Role::Other => "#74b816",
        };
        let more = if median > longest { "+" } else { "" };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{x}\" y=\"{}\" width=\"{:.1}\" height=\"11\" fill=\"{colour}\"/>\
             <path d=\"M{:.1} {y1}H{:.1}\" stroke=\"#212529\" stroke-width=\"1.5\"/>\
             <text x=\"{:.1}\" y=\"{}\">{median:.1}{more}</text>",
            x - 6.0,
            y + 10.0,
            line.subject,
            y + 1.0,
            end(median) - x,
            end(p10),
            end(p90),
            end(p90.max(median)) + 5.0,
            y + 10.0,
            y1 = y + 6.5,
        );
    }
}
