//! Where reports are read from.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// What a directory is searched for.
const EXTENSIONS: [&str; 2] = ["jsonl", "json"];

/// A stream of lines, each a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    File(PathBuf),
    Stdin,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

impl Source {
    pub(crate) fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(match self {
            Self::File(path) => Box::new(BufReader::new(File::open(path)?)),
            Self::Stdin => Box::new(BufReader::new(io::stdin())),
        })
    }
}

/// What the arguments name, each source once: one that is named twice would be counted twice.
pub(crate) fn sources(arguments: &[String], allow_missing: bool) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    for argument in arguments {
        for source in expand(argument, allow_missing)? {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    Ok(sources)
}

fn expand(argument: &str, allow_missing: bool) -> Result<Vec<Source>, String> {
    let path = Path::new(argument);
    if argument == "-" {
        return Ok(vec![Source::Stdin]);
    }
    if path.is_dir() {
        return in_directory(path);
    }
    if path.exists() {
        return Ok(vec![file(path)?]);
    }
    let pattern = glob::glob(argument).map_err(|error| format!("{argument}: not a pattern: {error}"))?;
    let mut sources = Vec::new();
    for path in pattern {
        let path = path.map_err(|error| format!("{argument}: {error}"))?;
        if path.is_dir() {
            sources.extend(in_directory(&path)?);
        } else {
            sources.push(file(&path)?);
        }
    }
    if sources.is_empty() && !allow_missing {
        return Err(format!(
            "{argument}: no such file, and nothing matches it as a pattern. A program without conflicts writes no file: name \
             its directory, or give --allow-missing"
        ));
    }
    Ok(sources)
}

fn in_directory(directory: &Path) -> Result<Vec<Source>, String> {
    let trouble = |error: io::Error| format!("{}: {error}", directory.display());
    let mut sources = Vec::new();
    for entry in fs::read_dir(directory).map_err(trouble)? {
        let path = entry.map_err(trouble)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_file() && extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            sources.push(file(&path)?);
        }
    }
    sources.sort();
    Ok(sources)
}

/// By its one true path, so that two ways to write it are one source.
fn file(path: &Path) -> Result<Source, String> {
    path.canonicalize().map(Source::File).map_err(|error| format!("{}: {error}", path.display()))
}
