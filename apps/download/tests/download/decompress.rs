//! Plain files beside the compressed ones: verified, written atomically, resumable.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vp_synth::{Compression, SynthConfig, write_dbn};

use crate::program::Scene;

/// A folder with two compressed sessions, one of them deeper.
fn sessions(scene: &Scene) -> [PathBuf; 2] {
    let folder = scene.lake().join("raw");
    fs::create_dir_all(folder.join("deeper")).unwrap();
    let paths = [
        folder.join("a.mbo.dbn.zst"),
        folder.join("deeper/b.mbo.dbn.zst"),
    ];
    for path in &paths {
        fs::write(path, session(Compression::Zstd)).unwrap();
    }
    fs::write(folder.join("resolved.json"), "{}").unwrap();
    paths
}

fn session(compression: Compression) -> Vec<u8> {
    let config = SynthConfig::preset("ESH6").unwrap();
    let mut bytes = Vec::new();
    write_dbn(&mut bytes, &config, Duration::from_secs(2), compression).unwrap();
    bytes
}

fn plain(path: &Path) -> PathBuf {
    path.with_extension("")
}

#[test]
fn a_folder_is_decompressed_and_its_raw_files_stay() {
    let scene = Scene::new();
    let paths = sessions(&scene);
    for _ in 0..2 {
        scene.succeed("decompress lake");
        for path in &paths {
            assert_eq!(fs::read(plain(path)).unwrap(), session(Compression::None));
            assert_eq!(fs::read(path).unwrap(), session(Compression::Zstd));
        }
        assert_eq!(scene.files().len(), 5);
    }
}

#[test]
fn a_file_that_begins_with_a_skippable_frame_is_decompressed() {
    let scene = Scene::new();
    let path = scene.lake().join("raw/a.mbo.dbn.zst");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // As pzstd writes before each of its frames.
    let frame = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
    fs::write(&path, [&frame[..], &session(Compression::Zstd)].concat()).unwrap();
    scene.succeed("decompress lake");
    assert_eq!(fs::read(plain(&path)).unwrap(), session(Compression::None));
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_passed_over_and_refused_by_name() {
    let scene = Scene::new();
    let pipe = scene.lake().join("raw/pipe.mbo.dbn.zst");
    fs::create_dir_all(pipe.parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    scene.succeed("decompress lake");
    scene.fail(
        &format!("decompress {}", pipe.display()),
        &["pipe.mbo.dbn.zst is not a regular file"],
    );
}

#[test]
fn compressed_files_are_removed_on_demand_and_after_a_comparison() {
    let scene = Scene::new();
    let paths = sessions(&scene);
    scene.succeed(&format!("decompress {}", paths[0].display()));
    assert!(plain(&paths[0]).exists() && !plain(&paths[1]).exists());
    let ran = scene.succeed("decompress lake --rm --log-file log");
    assert!(
        ran.stderr.contains("compared") && ran.stderr.contains("decompressed"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        fs::read_to_string(scene.folder.path().join("log")).unwrap(),
        ran.stderr
    );
    for path in &paths {
        assert!(plain(path).exists() && !path.exists());
    }
}

#[test]
fn a_broken_file_leaves_everything_as_it_was() {
    let scene = Scene::new();
    let paths = sessions(&scene);
    let whole = session(Compression::Zstd);
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let text = zstd::encode_all(&b"no DBN at all"[..], 3).unwrap();
    let mut cut = session(Compression::None);
    cut.truncate(cut.len() - 7);
    let cut = zstd::encode_all(cut.as_slice(), 3).unwrap();
    for broken in [&whole[..middle], &flipped, b"", &text, &cut] {
        fs::write(&paths[0], broken).unwrap();
        scene.fail("decompress lake --rm", &["1 failed", "a.mbo.dbn.zst"]);
        assert_eq!(fs::read(&paths[0]).unwrap(), broken);
        assert!(!plain(&paths[0]).exists());
        // The other one is done all the same.
        assert!(plain(&paths[1]).exists() && !paths[1].exists());
        assert_eq!(scene.files().len(), 3, "{:?}", scene.files());
        fs::write(&paths[1], &whole).unwrap();
    }
}

#[test]
fn a_plain_file_that_holds_something_else_is_not_touched() {
    let scene = Scene::new();
    let paths = sessions(&scene);
    fs::write(plain(&paths[0]), "something else").unwrap();
    scene.fail(
        "decompress lake --rm",
        &["1 failed", "differs from the compressed file"],
    );
    assert_eq!(
        fs::read_to_string(plain(&paths[0])).unwrap(),
        "something else"
    );
    assert!(paths[0].exists());
}

#[test]
fn what_a_killed_run_left_is_cleaned_up() {
    let scene = Scene::new();
    let paths = sessions(&scene);
    let left = paths[0].with_file_name(".unfinished-a.mbo.dbn-abc123");
    fs::write(&left, "half").unwrap();
    scene.succeed("decompress lake");
    assert!(!left.exists());
    assert_eq!(scene.files().len(), 5);
}

#[test]
fn what_is_no_compressed_dbn_is_refused() {
    let scene = Scene::new();
    sessions(&scene);
    scene.fail(
        "decompress lake/raw/resolved.json nowhere",
        &["2 failed", "does not end in .dbn.zst", "nowhere"],
    );
}
