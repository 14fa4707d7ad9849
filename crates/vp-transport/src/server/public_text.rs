//! Texts for clients, without the paths of the server. The content of a text is not examined.

use std::path::{Path, PathBuf};

/// Beginnings of the server's own addresses, which texts for clients may name.
const ENDPOINTS: [&str; 3] = ["/v1/", "/health", "/metrics"];

/// Makes texts fit for clients. Paths below a private folder are shown relative to it, and of any
/// other absolute path only the last name is.
#[derive(Clone, Debug, Default)]
pub(super) struct PublicText {
    /// The private folders, as texts name them, the longest first.
    folders: Vec<String>,
}

impl PublicText {
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        let with_canonical = |folder: PathBuf| {
            let canonical = folder.canonicalize().ok();
            [Some(folder), canonical].into_iter().flatten()
        };
        let mut folders: Vec<String> = folders
            .into_iter()
            .flat_map(with_canonical)
            .filter_map(|folder| Some(folder.to_str()?.trim_end_matches('/').to_owned()))
            .filter(|folder| folder.chars().any(char::is_alphanumeric))
            .collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
        folders.dedup();
        Self { folders }
    }

    /// Returns a text without the server's own paths.
    pub(super) fn of(&self, text: &str) -> String {
        let text = self.folders.iter().fold(text.to_owned(), |text, folder| {
            without_folder(&text, folder)
        });
        without_absolute(&text)
    }
}

/// Shows paths below a folder relative to it, and the folder itself by its last name.
fn without_folder(text: &str, folder: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(folder) {
        let (before, found) = rest.split_at(place);
        let after = &found[folder.len()..];
        out.push_str(before);
        let is_whole = !out.chars().next_back().is_some_and(is_in_path);
        if is_whole && after.starts_with('/') {
            rest = &after[1..];
        } else if is_whole && !after.chars().next().is_some_and(is_in_path) {
            out.push_str(last_name(folder));
            rest = after;
        } else {
            // Part of a longer path.
            let first = found.chars().next().map_or(0, char::len_utf8);
            out.push_str(&found[..first]);
            rest = &found[first..];
        }
    }
    out + rest
}

/// Shows absolute paths by their last name.
fn without_absolute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('/') {
        let (before, path) = rest.split_at(place);
        out.push_str(before);
        let end = path.find(|char: char| char != '/' && !is_in_path(char));
        let (path, after) = path.split_at(end.unwrap_or(path.len()));
        let begins = |char: char| char.is_whitespace() || "\"'`([=:".contains(char);
        let is_absolute = out.chars().next_back().is_none_or(begins)
            && !path.starts_with("//")
            && !ENDPOINTS.iter().any(|known| path.starts_with(known));
        out.push_str(if is_absolute { last_name(path) } else { path });
        rest = after;
    }
    out + rest
}

fn last_name(path: &str) -> &str {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    name.unwrap_or(path)
}

fn is_in_path(char: char) -> bool {
    char.is_alphanumeric() || "/_-.=+#^@~".contains(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folders: &[&str], text: &str, expected: &str) {
        let folders = folders.iter().map(PathBuf::from).collect();
        assert_eq!(PublicText::new(folders).of(text), expected);
    }

    #[test]
    fn paths_of_the_lake_are_relative_to_it() {
        let lake = ["/srv/the lake/", "/srv/files"];
        check(
            &lake,
            "record 7 of /srv/the lake/raw/a.dbn: cut",
            "record 7 of raw/a.dbn: cut",
        );
        check(
            &lake,
            "(\"/srv/the lake/gold/x.parquet\")",
            "(\"gold/x.parquet\")",
        );
        check(
            &lake,
            "the lake /srv/the lake is gone",
            "the lake the lake is gone",
        );
        check(&["data"], "data/raw/a.dbn, my data", "raw/a.dbn, my data");
        check(
            &["data"],
            "metadata/x and old/data/x",
            "metadata/x and old/data/x",
        );
        check(&lake, "/srv/files2/a.dbn is cut", "a.dbn is cut");
    }

    #[test]
    fn of_other_absolute_paths_the_name_is_left() {
        check(
            &[],
            "/etc/x/products.toml: cannot be read",
            "products.toml: cannot be read",
        );
        check(
            &["/"],
            "the file '/tmp/a b' or /dev/stdin",
            "the file 'a b' or stdin",
        );
    }

    #[test]
    fn addresses_and_fractions_stay() {
        for text in [
            "GET /v1/sessions lists what can be streamed",
            "see http://127.0.0.1:8002/health and ws://x/v1/y",
            "1/2 of 3 contracts/s",
            "speed must be 0 / 1",
        ] {
            check(&["/srv/lake", "lake", "."], text, text);
        }
    }

    #[test]
    fn links_to_the_lake_are_hidden_too() {
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let text = format!("{}/raw/a.dbn", folder.display());
        let odd = folder
            .join(".")
            .join("..")
            .join(folder.file_name().unwrap());
        check(&[odd.to_str().unwrap()], &text, "raw/a.dbn");
    }
}
