//! The text of one side of a report: who, where, and the frames of its stack that are worth a line.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Frame, Side, StackTrace};
use crate::conflict::trace::Moment;
use crate::context::RequestContext;

/// Lines of a stack that are shown. The innermost say what is wrong; the JSON form has all of them.
const LINES: usize = 10;

/// Without a line end.
impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: `{}` ({}) at {}", self.role, self.operation, self.access, self.site)?;
        write!(f, "  by {}", self.thread)?;
        if !self.context.is_empty() {
            f.write_str("\n  for ")?;
            request(&self.context, f)?;
        }
        write!(f, "\n{}", self.stack)
    }
}

fn request(context: &RequestContext, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let known = [("trace", &context.trace_id), ("span", &context.span_id), ("task", &context.task)];
    let known = known.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
    let baggage = context.baggage.iter().map(|(name, value)| format!("{name}={value}"));
    f.write_str(&known.chain(baggage).collect::<Vec<_>>().join(", "))
}

impl fmt::Display for StackTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { reason } => write!(f, "  no stack: {}", reason.reason()),
            Self::Taken { moment, frames, truncated } => {
                let when = match moment {
                    Moment::Entering => "as it came",
                    Moment::Leaving => "as it left",
                };
                write!(f, "  stack {when}:")?;
                // Where nothing is the user's, everything may be of use.
                let everything = frames.iter().all(|frame| !frame.user);
                let rest = shown(frames, everything, f)?;
                match (rest, truncated) {
                    (0, false) => Ok(()),
                    (0, true) => f.write_str("\n    … deeper frames were not recorded"),
                    (rest, _) => write!(f, "\n    … {rest} more"),
                }
            }
        }
    }
}

/// Writes the frames that are worth a line, and gaps for runs of others; returns how many more there would be.
fn shown(frames: &[Frame], everything: bool, f: &mut fmt::Formatter<'_>) -> Result<usize, fmt::Error> {
    let (mut lines, mut gap) = (0, 0);
    for (index, frame) in frames.iter().enumerate() {
        if !frame.user && !everything {
            gap += 1;
            continue;
        }
        if lines == LINES {
            return Ok(frames[index..].iter().filter(|frame| frame.user || everything).count());
        }
        write_gap(std::mem::take(&mut gap), f)?;
        write!(f, "\n    {frame}")?;
        lines += 1;
    }
    write_gap(gap, f)?;
    Ok(0)
}

fn write_gap(frames: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match frames {
        0 => Ok(()),
        1 => f.write_str("\n    … 1 frame of std and dependencies"),
        frames => write!(f, "\n    … {frames} frames of std and dependencies"),
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        match self.place() {
            Some(place) => write!(f, " at {place}"),
            None => Ok(()),
        }
    }
}

impl Frame {
    /// The function, or the address where there is no name.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match &self.function {
            Some(function) => Cow::Borrowed(function),
            None => Cow::Owned(format!("{:#x}", self.address)),
        }
    }

    /// File, line and column, as far as they are known.
    pub(crate) fn place(&self) -> Option<String> {
        let mut place = below_here(self.file.as_deref()?).to_owned();
        for number in [self.line, self.column].into_iter().flatten() {
            let _ = write!(place, ":{number}");
        }
        Some(place)
    }
}

/// As the sites are written, where the file is below the directory that the process was in at its first report.
///
/// Asked for once: a program that changes its directory would otherwise have one file under two names.
fn below_here(file: &str) -> &str {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().ok()).as_deref().map_or(file, |here| below(here, file))
}

/// `file` without `directory`; the whole of it where it lies elsewhere, or next to the root of the file system.
fn below<'a>(directory: &Path, file: &'a str) -> &'a str {
    let inside = directory.parent().and_then(|_| Path::new(file).strip_prefix(directory).ok());
    inside.and_then(Path::to_str).filter(|inside| !inside.is_empty()).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_shown_relative_to_where_the_process_is() {
        let file = |file: String| Frame { function: Some("f".to_owned()), file: Some(file), ..Frame::default() };
        let here = std::env::current_dir().unwrap();
        assert_eq!(file(here.join("src/main.rs").display().to_string()).to_string(), "f at src/main.rs");
        let beside = format!("{}-beside/src/main.rs", here.display());
        assert_eq!(file(beside.clone()).to_string(), format!("f at {beside}"));
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_cut_at_whole_names() {
        for (directory, path, shown) in [
            ("/home/ana", "/home/ana/src/main.rs", "src/main.rs"),
            ("/home/ana/", "/home/ana//src/main.rs", "src/main.rs"),
            ("/home/an", "/home/ana/src/main.rs", "/home/ana/src/main.rs"),
            ("/home/ana", "/rustc/src/main.rs", "/rustc/src/main.rs"),
            ("/home/ana", "src/main.rs", "src/main.rs"),
            ("/home/ana", "/home/ana", "/home/ana"),
            ("/", "/home/ana/src/main.rs", "/home/ana/src/main.rs"),
        ] {
            assert_eq!(below(Path::new(directory), path), shown, "{path} from {directory}");
        }
    }
}
