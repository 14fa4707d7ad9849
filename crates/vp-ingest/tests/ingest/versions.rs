//! A session is one version of its files, and its files are regular files.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use vp_ingest::{DbnError, DbnReader, IngestError, Input, RawDay, RawDaySpec, Source};
use vp_lake::Lake;
use vp_market::{ProductType, Record};

use crate::dbn_file::{DbnFile, Folder, Mbo, es_session};

/// More bytes than a reader has taken by the time it is open.
fn long_file() -> Vec<u8> {
    DbnFile::new().with((0..400_000).map(Mbo::add)).bytes()
}

/// Renames another file of the same length into the place of `path`.
fn replace(path: &Path, bytes: &[u8]) {
    let other = path.with_extension("new");
    std::fs::write(&other, bytes).unwrap();
    std::fs::rename(&other, path).unwrap();
}

/// Writes over a file, at a time that differs from that of the last write.
fn rewrite(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let later = SystemTime::now() + Duration::from_secs(2);
    file.set_modified(later).unwrap();
}

/// Reads a source to its end or its defect.
fn drain(source: &mut Source) -> (usize, Option<IngestError>) {
    let (mut batch, mut count) = (Vec::<Record>::new(), 0);
    loop {
        match source.next_batch(&mut batch) {
            Ok(true) => count += batch.len(),
            Ok(false) => return (count, None),
            Err(error) => return (count, Some(error)),
        }
    }
}

fn check_changed(error: &IngestError, path: &Path) {
    assert!(
        matches!(error, IngestError::Changed { path: found } if found == path),
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains("was replaced or changed"), "{text}");
}

#[test]
fn a_session_is_opened_again_while_its_files_are_the_same() {
    let folder = Folder::new();
    let path = folder.write("a.dbn", &DbnFile::new().with((0..9).map(Mbo::add)).bytes());
    let spec = es_session(Input::File(path));
    let mut first = Source::open(spec.clone()).unwrap();
    let mut again = Source::reopen(spec, first.files().to_vec()).unwrap();
    assert_eq!(first.files(), again.files());
    assert_eq!(drain(&mut first).0, 9);
    assert_eq!(drain(&mut again).0, 9);
}

#[test]
fn a_session_whose_file_was_replaced_is_not_opened_again() {
    let folder = Folder::new();
    let bytes = DbnFile::new().with((0..9).map(Mbo::add)).bytes();
    for change in [replace as fn(&Path, &[u8]), rewrite] {
        let path = folder.write("a.dbn", &bytes);
        let spec = es_session(Input::File(path.clone()));
        let files = Source::open(spec.clone()).unwrap().files().to_vec();
        change(&path, &bytes);
        let error = Source::reopen(spec.clone(), files.clone()).unwrap_err();
        check_changed(&error, &path);
        std::fs::remove_file(&path).unwrap();
        check_changed(&Source::reopen(spec, files).unwrap_err(), &path);
    }
}

#[test]
fn a_file_that_is_written_to_while_it_is_read_ends_the_session() {
    let folder = Folder::new();
    let bytes = long_file();
    let path = folder.write("a.dbn", &bytes);
    let mut source = Source::open(es_session(Input::File(path.clone()))).unwrap();
    rewrite(&path, &bytes);
    let (count, error) = drain(&mut source);
    check_changed(&error.unwrap(), &path);
    // It is found soon, not only at the end.
    assert!(count < 200_000, "{count}");
}

#[test]
fn a_file_that_is_cut_while_it_is_read_was_changed_not_broken() {
    let folder = Folder::new();
    let bytes = long_file();
    let path = folder.write("a.dbn", &bytes);
    let mut source = Source::open(es_session(Input::File(path.clone()))).unwrap();
    rewrite(&path, &bytes[..300_001]);
    check_changed(&drain(&mut source).1.unwrap(), &path);
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_read_to_its_end() {
    let folder = Folder::new();
    let path = folder.write("a.dbn", &long_file());
    let mut source = Source::open(es_session(Input::File(path.clone()))).unwrap();
    replace(&path, &DbnFile::new().with([Mbo::add(1)]).bytes());
    let (count, error) = drain(&mut source);
    assert!(error.is_none());
    assert_eq!(count, 400_000);
}

/// A lake with two files of the date, and their paths.
fn two_files(folder: &Folder) -> (Lake, [PathBuf; 2]) {
    let lake = Lake::new(folder.path());
    let raw = lake.raw_mbo(ProductType::FutureMbo, "ES");
    let paths = ["a", "b"].map(|name| {
        let path = raw.path().join(format!("{name}-20231225.mbo.dbn"));
        let file = DbnFile::new().with((0..5).map(Mbo::add));
        folder.write(path.to_str().unwrap(), &file.bytes())
    });
    (lake, paths)
}

#[test]
fn a_later_file_of_a_session_that_was_replaced_ends_it_there() {
    let folder = Folder::new();
    let (lake, [_, second]) = two_files(&folder);
    let mut source = Source::open(es_session(Input::Lake(lake))).unwrap();
    replace(&second, &DbnFile::new().with([Mbo::add(1)]).bytes());
    let (count, error) = drain(&mut source);
    assert_eq!(count, 5);
    check_changed(&error.unwrap(), &second);
}

#[test]
fn a_later_file_of_a_raw_day_that_was_replaced_ends_it_there() {
    let folder = Folder::new();
    let (lake, [_, second]) = two_files(&folder);
    let mut day = RawDay::open(&RawDaySpec {
        lake,
        product_type: ProductType::FutureMbo,
        symbol: "ES".into(),
        root: "ES".into(),
        date: "2023-12-25".parse().unwrap(),
    })
    .unwrap();
    replace(&second, &DbnFile::new().with([Mbo::add(1)]).bytes());
    let error = loop {
        match day.read(|_, _| ()) {
            Ok(more) => assert!(more, "the second file is not the one that was opened"),
            Err(error) => break error,
        }
    };
    check_changed(&error, &second);
}

#[test]
fn only_regular_files_are_opened() {
    let folder = Folder::new();
    let error = DbnReader::open(folder.path()).unwrap_err();
    assert!(matches!(error, DbnError::NotRegular { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("is not a regular file but a folder"),
        "{text}"
    );
    let error = DbnReader::open(Path::new("/dev/null")).unwrap_err();
    assert!(matches!(error, DbnError::NotRegular { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_refused_before_it_is_opened() {
    let folder = Folder::new();
    let path = folder.path().join("pipe.dbn");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    // Opening it would wait for a writer for ever.
    let error = DbnReader::open(&path).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("pipe.dbn is not a regular file but a named pipe"),
        "{text}"
    );
    let error = Source::open(es_session(Input::File(path))).unwrap_err();
    assert!(error.to_string().contains("named pipe"), "{error}");
}
