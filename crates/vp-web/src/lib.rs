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
}

/// Paths and bytes of the built files, in the order of their paths.
const BUILT: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What the server at [`VACUUM_PRESSURE`] shows where its page was not built.
const UNBUILT_LIVE: &[u8] = include_bytes!("unbuilt-live.html");

/// What the server at [`VELOCITY`] shows where its page was not built.
const UNBUILT_VELOCITY: &[u8] = include_bytes!("unbuilt-velocity.html");

/// Returns whether the pages were built before this crate was.
pub fn is_built() -> bool {
    !BUILT.is_empty()
}

/// Returns every file, in the order of their paths; the file at the path `root` is served at `/`,
/// too.
///
/// Where the pages were not built, the only file is the one at `root`. It says how to build the
/// server whose page that is.
pub fn files(root: &str) -> Vec<File> {
    files_of(BUILT, root)
}

fn files_of(built: &'static [(&'static str, &'static [u8])], root: &str) -> Vec<File> {
    let unbuilt = if root == VELOCITY {
        (VELOCITY, UNBUILT_VELOCITY)
    } else {
        (VACUUM_PRESSURE, UNBUILT_LIVE)
    };
    let files = if built.is_empty() {
        std::slice::from_ref(&unbuilt)
    } else {
        built
    };
    let files = files.iter().map(|&(path, bytes)| File {
        path,
        content_type: content_type(path),
        bytes,
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
            assert_eq!(paths, ["/", root]);
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
}
