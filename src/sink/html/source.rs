//! Lines of source code around a place, where the file is at hand.
//!
//! A report is often read on the machine that built the program. Elsewhere there are no files, and nothing is missed but
//! their lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::markup::Markup;
use crate::report::{Side, StackTrace};

/// Lines shown before and after the one in question.
const AROUND: u32 = 3;

/// Nothing of a file is read past this many bytes: source files are shorter, and whatever else bears the name may never end.
const LONGEST_FILE: u64 = 8 << 20;

/// Directories that relative paths are looked for in.
const DIRECTORIES: usize = 8;

/// Where source files may be.
pub(super) struct Sources {
    directories: Vec<PathBuf>,
    /// When the program was built.
    built: Option<SystemTime>,
}

/// The lines around a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    first: u32,
    lines: Vec<String>,
    /// The line in question.
    line: u32,
    /// Whether the file has changed since the program was built.
    changed: bool,
}

impl Sources {
    /// Source files below the current directory, and those with absolute paths.
    pub(super) fn new() -> Self {
        let built = std::env::current_exe().and_then(std::fs::metadata).and_then(|program| program.modified());
        Self { directories: std::env::current_dir().into_iter().collect(), built: built.ok() }
    }

    /// Finds out where the program was built. Sites have paths as the compiler was given them, mostly relative to the root of a
    /// workspace, and the frames of their stacks have absolute ones.
    pub(super) fn learn<'a>(&mut self, sides: impl IntoIterator<Item = &'a Side>) {
        for side in sides {
            if let Some(root) = root(side)
                && self.directories.len() < DIRECTORIES
                && !self.directories.contains(&root)
            {
                self.directories.push(root);
            }
        }
    }

    /// The lines around one of a file; `None` where there is no such file or line.
    pub(super) fn excerpt(&self, file: &str, line: u32) -> Option<Excerpt> {
        // An absolute path replaces what it is joined to.
        self.directories.iter().find_map(|directory| self.read(&directory.join(file), line))
    }

    fn read(&self, path: &Path, line: u32) -> Option<Excerpt> {
        // A pipe or a device would block, or do something.
        let metadata = std::fs::metadata(path).ok().filter(|metadata| metadata.is_file())?;
        let first = line.checked_sub(1)?.saturating_sub(AROUND) + 1;
        let text = BufReader::new(File::open(path).ok()?.take(LONGEST_FILE));
        let wanted = text.split(b'\n').skip(first as usize - 1).take((line - first + AROUND) as usize + 1);
        let lines: Vec<_> =
            wanted.map_while(Result::ok).map(|line| String::from_utf8_lossy(&line).trim_end().to_owned()).collect();
        let changed = self.built.is_some_and(|built| metadata.modified().is_ok_and(|modified| modified > built));
        (lines.len() > (line - first) as usize).then_some(Excerpt { first, lines, line, changed })
    }
}

/// The directory that a side's site is relative to, by the frame which is that site.
fn root(side: &Side) -> Option<PathBuf> {
    let site = Path::new(&side.site.file);
    let StackTrace::Taken { frames, .. } = &side.stack else { return None };
    let files = frames.iter().filter_map(|frame| frame.file.as_deref()).map(Path::new);
    let file = files.filter(|file| file.is_absolute() && site.is_relative()).find(|file| file.ends_with(site))?;
    file.ancestors().nth(site.components().count()).map(Path::to_owned)
}

/// Whether an excerpt around one line shows the other.
pub(super) fn is_near(line: u32, other: u32) -> bool {
    line.abs_diff(other) <= AROUND
}

impl Excerpt {
    /// Adds it as a block of code.
    pub(super) fn write(&self, page: &mut Markup) {
        page.raw("<pre class=\"source\"><code>");
        // What all lines are indented by says nothing, and a narrow page has no room for it.
        let indented = self.lines.iter().filter(|line| !line.is_empty());
        let indent = indented.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
        for (number, line) in (self.first..).zip(&self.lines) {
            let hit = number == self.line;
            page.raw(if hit { "<span class=\"line hit\">" } else { "<span class=\"line\">" });
            page.raw(if hit { "<b class=\"number\">▸ " } else { "<span class=\"number\">" }).text(number);
            page.raw(if hit { "</b>" } else { "</span>" });
            page.raw("<span class=\"text\">").text(line.get(indent..).unwrap_or_default()).raw("\n</span></span>");
        }
        page.raw("</code></pre>");
        if self.changed {
            page.raw("<p class=\"note\">The file is newer than the program: its lines may have moved.</p>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// Ten numbered lines.
    fn file(directory: &Path) -> String {
        let path = directory.join("ten.rs");
        let lines: String = (1..=10).map(|line| format!("line {line}\n")).collect();
        std::fs::write(&path, lines).expect("written");
        path.to_str().expect("a path of text").to_owned()
    }

    fn lines(sources: &Sources, file: &str, line: u32) -> Option<(u32, usize)> {
        sources.excerpt(file, line).map(|excerpt| (excerpt.first, excerpt.lines.len()))
    }

    #[test]
    fn a_few_lines_around_are_shown() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let (sources, file) = (Sources::new(), file(directory.path()));
        assert_eq!(lines(&sources, &file, 5), Some((2, 7)));
        assert_eq!(lines(&sources, &file, 1), Some((1, 4)));
        assert_eq!(lines(&sources, &file, 10), Some((7, 4)));
        let mut page = Markup::new();
        sources.excerpt(&file, 5).expect("there").write(&mut page);
        assert!(page.as_str().contains("▸ 5</b><span class=\"text\">line 5\n"), "{}", page.as_str());
        assert!(page.as_str().contains("newer than the program"), "{}", page.as_str());
    }

    #[test]
    fn lines_keep_their_indentation_to_each_other() {
        let lines = ["        if here {", "", "            there();"].map(str::to_owned).to_vec();
        let mut page = Markup::new();
        Excerpt { first: 1, lines, line: 1, changed: false }.write(&mut page);
        for text in [">if here {\n", ">\n", ">    there();\n"] {
            assert!(page.as_str().contains(&format!("class=\"text\"{text}")), "{}", page.as_str());
        }
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let (sources, file) = (Sources::new(), file(directory.path()));
        for (file, line) in [(&*file, 0), (&file, 11), (&file, u32::MAX), ("no/such.rs", 1), ("", 1), ("/dev/zero", 1)]
        {
            assert_eq!(sources.excerpt(file, line), None, "{file}:{line}");
        }
    }

    #[test]
    fn a_file_as_old_as_the_program_is_taken_for_its_source() {
        assert!(!Sources::new().excerpt(file!(), 1).expect("tests run where the package is").changed);
    }

    #[test]
    fn stacks_tell_where_relative_paths_begin() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let file = file(directory.path());
        let mut report = sample::report();
        report.contender.site.file = "ten.rs".to_owned();
        let StackTrace::Taken { frames, .. } = &mut report.contender.stack else { unreachable!("the sample has one") };
        frames[1].file = Some(file);
        let mut sources = Sources::new();
        assert_eq!(sources.excerpt("ten.rs", 5), None);
        sources.learn(report.holder.iter().chain([&report.contender]));
        sources.learn(report.holder.iter().chain([&report.contender]));
        assert_eq!(sources.directories.len(), 2);
        assert_eq!(lines(&sources, "ten.rs", 5), Some((2, 7)));
    }
}
