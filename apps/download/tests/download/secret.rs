//! The key appears nowhere.

use std::path::Path;

use serde_json::json;

use crate::program::{MNQ, QQQ, Scene};
use crate::stand_in::{Fault, KEY};

/// Checks every file of a folder and those below.
fn check_folder(folder: &Path) -> usize {
    let mut checked = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            checked += check_folder(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            check(
                &String::from_utf8_lossy(&bytes),
                &path.display().to_string(),
            );
            checked += 1;
        }
    }
    checked
}

fn check(text: &str, place: &str) {
    // The last characters of a key are enough to recognise it by.
    assert!(
        !text.contains(&KEY[KEY.len() - 5..]),
        "{place} holds the key: {text}"
    );
}

/// A service that repeats the key whenever it can.
fn indiscreet() -> Scene {
    let scene = Scene::new();
    let says = |status| {
        let detail = json!({"detail": format!("{KEY} cannot do this")});
        Fault::Status(status, &[], detail.to_string())
    };
    for (call, status) in [
        ("symbology.resolve", 503),
        ("get_cost", 503),
        ("get_range", 503),
        ("list_jobs", 429),
        ("list_jobs", 200),
        ("submit_job", 503),
        ("submit_job", 200),
        ("submit_job", 422),
        ("get_job_details", 503),
        ("list_files", 422),
        (".dbn.zst", 503),
        (".dbn.zst", 404),
    ] {
        scene.service.misbehave(call, says(status), 1);
    }
    scene
}

#[test]
fn the_key_is_in_no_output_log_or_record() {
    let scene = indiscreet();
    let mut hidden = 0;
    for line in [MNQ, QQQ] {
        for _ in 0..3 {
            let ran = scene.run(&format!("{line} --yes --symbols NOPE"));
            check(&ran.stdout, "standard output");
            check(&ran.stderr, "standard error");
            hidden += ran.stderr.matches("[key]").count();
        }
    }
    // It was there to be hidden.
    assert!(hidden > 5, "{hidden}");
    let ran = scene.run("status --all");
    check(&ran.stdout, "status");
    assert!(check_folder(scene.folder.path()) > 5);
}

#[test]
fn the_key_is_in_no_list_of_processes() {
    let scene = Scene::new();
    let mut child = scene
        .command(&format!("{MNQ} --yes"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let line = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    check(&String::from_utf8_lossy(&line), "the command line");
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut errors).unwrap();
    assert!(child.wait().unwrap().success());
    check(&errors, "standard error");
}
