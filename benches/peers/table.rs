//! What was measured: tables, and lines in them.

use crate::stats::Spread;
use crate::subjects::Role;

/// What a table is about; how the targets find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) operation: &'static str,
    pub(crate) key: &'static str,
    pub(crate) hasher: &'static str,
    pub(crate) entries: usize,
    pub(crate) threads: usize,
}

impl About {
    pub(crate) fn title(&self) -> String {
        let Self { operation, key, hasher, entries, threads } = self;
        let plural = if *threads == 1 { "" } else { "s" };
        format!("{operation}, {key}, {hasher}, {entries} entries, {threads} thread{plural}")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) subject: &'static str,
    pub(crate) role: Role,
    pub(crate) spread: Spread,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) about: About,
    /// What the times are of.
    pub(crate) unit: &'static str,
    pub(crate) lines: Vec<Line>,
}

impl Table {
    pub(crate) fn line(&self, subject: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.subject == subject)
    }

    pub(crate) fn median(&self, subject: &str) -> Option<f64> {
        self.line(subject).map(|line| line.spread.median)
    }

    pub(crate) fn limit(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.role == Role::Limit)
    }

    /// Why nothing should be concluded from two lines, if so.
    pub(crate) fn doubt(&self, subjects: [&str; 2]) -> Option<&'static str> {
        let lines = subjects.map(|subject| self.line(subject));
        if lines.iter().flatten().any(|line| line.spread.is_disturbed()) {
            return Some("disturbed");
        }
        // std's map in a `RefCell` does all that the map does, and more. Where it is much faster, the map was unlucky with
        // its place in memory, and ratios to it would flatter.
        let around = self.line("RefCell").map(|line| line.spread.median);
        let limit = self.limit().filter(|limit| subjects.contains(&limit.subject)).map(|line| line.spread.median);
        match (limit, around) {
            (Some(limit), Some(around)) if limit > around * 1.1 => Some("the limit is slower than RefCell around it"),
            _ => None,
        }
    }

    /// The fastest way to share a map between threads that is sound and is not ours.
    pub(crate) fn fastest_peer(&self) -> Option<&Line> {
        let peers = self.lines.iter().filter(|line| line.role == Role::Peer);
        peers.min_by(|a, b| a.spread.median.total_cmp(&b.spread.median))
    }

    pub(crate) fn checked(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.role == Role::Checked)
    }

    pub(crate) fn print(&self) {
        println!("\n{}   [{}]", self.about.title(), self.unit);
        let limit = self.limit().map(|line| line.spread.median);
        let peer = self.fastest_peer();
        println!("  {:<24} {:>9} {:>9} {:>9}  {:>9} {:>9}", "", "median", "p10", "p90", "/ limit", "/ peer");
        for Line { subject, spread, role } in &self.lines {
            let ratio = |to: Option<f64>| to.map_or_else(|| "-".into(), |to| format!("{:.2}", spread.median / to));
            let mark = match (role, peer) {
                (Role::Limit, _) => "  limit",
                (_, Some(peer)) if peer.subject == *subject => "  fastest sound peer",
                _ => "",
            };
            let busy = if spread.is_disturbed() { "  (disturbed)" } else { "" };
            println!(
                "  {subject:<24} {:>9.2} {:>9.2} {:>9.2}  {:>9} {:>9}{mark}{busy}",
                spread.median,
                spread.p10,
                spread.p90,
                ratio(limit),
                ratio(peer.map(|peer| peer.spread.median)),
            );
        }
    }
}
