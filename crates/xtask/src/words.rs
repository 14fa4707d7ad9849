//! The words that this project does not use, each with a better one: what a reader would have to read
//! twice. Rules and examples are in CONTRIBUTING.md.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::root::root;

/// A phrase in small letters, and what to write instead.
const WORDS: [(&str, &str); 12] = [
    (
        "whoever",
        "name who it is: the client, the reader, the owner",
    ),
    ("that is none", "invalid, malformed, missing"),
    (
        "nobody",
        "no client, no process, no one in particular: name it",
    ),
    ("is told", "receives, is notified, is shown"),
    ("are told", "receive, are notified, are shown"),
    ("bears", "has, contains"),
    ("obeys", "executes, accepts, is controlled by"),
    ("obeyed", "executed, accepted"),
    ("by itself", "automatically, alone"),
    ("whole or not there", "atomic"),
    ("was said of", "the output, the message"),
    ("broke the server down", "internal error"),
];

/// The files that are read; the change log is not checked.
const ENDINGS: [&str; 4] = ["md", "rs", "ts", "html"];

/// Folders of what is built or fetched.
const NOT_OURS: [&str; 4] = ["target", "node_modules", "dist", "test-results"];

/// Prints every phrase of the list in the repository, and returns whether there was none.
///
/// # Errors
/// If a folder or a file cannot be read.
pub(crate) fn run() -> anyhow::Result<bool> {
    let mut files = Vec::new();
    walk(root(), &mut files)?;
    files.sort();
    let mut found = 0;
    for path in &files {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let shown = path.strip_prefix(root()).unwrap_or(path).display();
        for (line, word, better) in find(&text) {
            found += 1;
            println!("words: {shown}:{line}: {word:?}; better: {better}");
        }
    }
    println!("words: {} files, {found} phrases to rewrite", files.len());
    Ok(found == 0)
}

/// Appends the files below a folder that are read.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in folder
        .read_dir()
        .with_context(|| folder.display().to_string())?
    {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !NOT_OURS.contains(&name) {
                walk(&entry.path(), files)?;
            }
        } else if is_read(name) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_read(name: &str) -> bool {
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
        && !["CHANGELOG.md", "words.rs"].contains(&name)
}

/// Returns the phrases of the list in a text, each with its line, from 1 on.
fn find(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let words = WORDS.iter().filter(|(word, _)| has_word(&line, word));
        found.extend(words.map(|(word, better)| (index + 1, *word, *better)));
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    };
    line.match_indices(word).any(|(at, _)| {
        !is_letter(line[..at].chars().next_back())
            && !is_letter(line[at + word.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_words_with_their_lines() {
        let text = "It obeys.\nfine\nDisobeys whoever: Whoever\nthat is nonetheless";
        let found: Vec<_> = find(text)
            .into_iter()
            .map(|(line, word, _)| (line, word))
            .collect();
        assert_eq!(found, [(1, "obeys"), (3, "whoever")]);
    }
}
