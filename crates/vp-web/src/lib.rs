//! The web pages, as `npm run build` left them in `apps/web/dist` when this crate was built.
//!
//! Built without them it holds a page for each server that says how to build it. It serves nothing: a server
//! takes the [`files`] and decides where they are found.

/// The page of vacuum and pressure.
pub const VACUUM_PRESSURE: &str = "/vacuum-pressure.html";

/// The page of velocity.
pub const VELOCITY: &str = "/velocity.html";

/// A file that a browser asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is, from `/` on.
    pub path: &'static str,
    /// What it is, as HTTP names it.
    pub content_type: &'static str,
    /// The bytes themselves.
    pub bytes: &'static [u8],
    /// The bytes compressed with Brotli, where the build made that form.
    pub brotli: Option<&'static [u8]>,
    /// The bytes compressed with gzip, where the build made that form.
    pub gzip: Option<&'static [u8]>,
    /// Whether the path holds a hash of the bytes: other bytes have another path.
    pub is_immutable: bool,
}

/// A file as it was built: path, bytes, and the bytes compressed with Brotli and gzip.
type Built = (
    &'static str,
    &'static [u8],
    Option<&'static [u8]>,
    Option<&'static [u8]>,
);

/// The built files, in the order of their paths.
const BUILT: &[Built] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What the server at [`VACUUM_PRESSURE`] shows where its page was not built.
const UNBUILT_LIVE: &[u8] = include_bytes!("unbuilt-live.html");

/// What the server at [`VELOCITY`] shows where its page was not built.
const UNBUILT_VELOCITY: &[u8] = include_bytes!("unbuilt-velocity.html");

/// Its style: a page is not allowed to hold any itself.
const UNBUILT_STYLE: &[u8] = include_bytes!("unbuilt.css");

/// Returns whether the pages were built before this crate was.
pub fn is_built() -> bool {
    !BUILT.is_empty()
}

/// Returns every file, in the order of their paths; the file at the path `root` is served at `/`,
/// too.
///
/// Where the pages were not built, there is one page, at `root`, and its style. It says how to build
/// the server whose page that is.
pub fn files(root: &str) -> Vec<File> {
    files_of(BUILT, root)
}

fn files_of(built: &'static [Built], root: &str) -> Vec<File> {
    let unbuilt = if root == VELOCITY {
        (VELOCITY, UNBUILT_VELOCITY, None, None)
    } else {
        (VACUUM_PRESSURE, UNBUILT_LIVE, None, None)
    };
    let unbuilt = [("/unbuilt.css", UNBUILT_STYLE, None, None), unbuilt];
    let files = if built.is_empty() { &unbuilt } else { built };
    let files = files.iter().map(|&(path, bytes, brotli, gzip)| File {
        path,
        content_type: content_type(path),
        bytes,
        brotli,
        gzip,
        is_immutable: is_hashed(path),
    });
    let page = files.clone().filter(|file| file.path == root);
    page.map(|file| File { path: "/", ..file })
        .chain(files)
        .collect()
}

/// Returns what a file is, judged by its name; a name that says nothing is plain bytes.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Returns whether a path holds a hash, as Vite names what pages load: `/assets/NAME-HASH.EXTENSION`
/// with eight letters of base64url.
fn is_hashed(path: &str) -> bool {
    const HASH: usize = 8;
    let stem = path
        .strip_prefix("/assets/")
        .and_then(|name| name.split_once('.'))
        .map_or("", |(stem, _)| stem);
    let hash = stem
        .len()
        .checked_sub(HASH)
        .and_then(|start| stem.split_at_checked(start))
        .filter(|(name, _)| name.len() > 1 && name.ends_with('-'))
        .map_or("", |(_, hash)| hash);
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
    hash.len() == HASH && hash.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_there_whether_it_was_built_or_not() {
        for path in [VACUUM_PRESSURE, VELOCITY] {
            let files = files(path);
            let at = |path| files.iter().find(|file| file.path == path);
            let page = at(path).expect("it is there");
            assert_eq!(page.content_type, "text/html; charset=utf-8");
            assert!(page.bytes.starts_with(b"<!doctype html>"));
            assert_eq!(at("/").map(|root| root.bytes), Some(page.bytes));
        }
    }

    #[test]
    fn each_server_names_the_commands_that_build_it() {
        for (root, recipe, package, other) in [
            (VACUUM_PRESSURE, "just build", "vp-live", "package velocity"),
            (VELOCITY, "just web-build", "velocity", "package vp-live"),
        ] {
            let files = files_of(&[], root);
            let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
            assert_eq!(paths, ["/", "/unbuilt.css", root]);
            let text = std::str::from_utf8(files[0].bytes).expect("a page is text");
            let build = format!("cargo build --release --package {package}");
            assert!(text.contains(recipe), "{root} names {recipe}");
            assert!(text.contains(&build), "{root} names {build}");
            assert!(!text.contains(other), "{root} names no other server");
        }
    }

    #[test]
    fn everything_the_page_asks_for_is_there() {
        let files = files(VELOCITY);
        for page in files
            .iter()
            .filter(|file| file.content_type.starts_with("text/html"))
        {
            let text = std::str::from_utf8(page.bytes).expect("a page is text");
            for asked in text.split('"').filter(|part| part.starts_with("/assets/")) {
                assert!(
                    files.iter().any(|file| file.path == asked),
                    "{} asks for {asked}, which is not embedded",
                    page.path
                );
            }
        }
    }

    #[test]
    fn paths_are_unique_and_absolute() {
        let paths: Vec<&str> = files(VELOCITY).iter().map(|file| file.path).collect();
        assert!(paths.iter().all(|path| path.starts_with('/')));
        assert!(paths.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn what_a_file_is_follows_from_its_name() {
        assert_eq!(
            content_type("/assets/worker-1.js"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(content_type("/assets/worker"), "application/octet-stream");
    }

    #[test]
    fn a_name_with_a_hash_is_immutable() {
        for (path, expected) in [
            ("/assets/worker-Dk3f_-9a.js", true),
            ("/assets/worker-Dk3f-k9a.js", true),
            ("/assets/instrument-CzR0a1b2.css", true),
            ("/assets/worker.js", false),
            ("/assets/-Dk3f_-9a.js", false),
            ("/assets/worker-Dk3f.js", false),
            ("/worker-Dk3f_-9a.js", false),
            (VELOCITY, false),
            ("/", false),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }

    #[test]
    fn what_a_page_loads_is_immutable_and_the_page_is_not() {
        for file in files(VELOCITY).iter().filter(|_| is_built()) {
            let is_asset = file.path.starts_with("/assets/");
            assert_eq!(file.is_immutable, is_asset, "{}", file.path);
        }
    }

    #[test]
    fn no_page_holds_a_script_or_a_style() {
        let files = files(VELOCITY);
        let pages = files
            .iter()
            .filter(|file| file.content_type.starts_with("text/html"));
        for page in pages {
            let text = std::str::from_utf8(page.bytes).expect("a page is text");
            assert!(!text.contains("<style"), "{}", page.path);
            assert!(!text.contains(" style="), "{}", page.path);
            let scripts = text.split("<script").skip(1);
            for script in scripts {
                let tag = script.split('>').next().unwrap_or_default();
                assert!(tag.contains(" src="), "{}: {tag}", page.path);
            }
        }
    }

    #[test]
    fn compressed_forms_are_smaller_and_have_no_path_of_their_own() {
        for file in files(VELOCITY) {
            let name = file.path.rsplit('.').next();
            assert!(!matches!(name, Some("gz" | "br")), "{}", file.path);
            for form in [file.brotli, file.gzip].into_iter().flatten() {
                assert!(form.len() < file.bytes.len(), "{}", file.path);
            }
            if let Some(gzip) = file.gzip {
                assert!(gzip.starts_with(&[0x1f, 0x8b]), "{}", file.path);
            }
        }
    }
}
