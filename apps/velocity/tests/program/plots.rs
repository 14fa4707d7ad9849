//! `plot`: a picture that shows something, and what is said where there is none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::{CONTRACT, DATE, Ran, World, ran};

fn command(world: &World, out: &Path, more: &[&str]) -> Command {
    let mut program = world.program("plot");
    program.args(["--symbol", CONTRACT, "--dt", DATE]);
    program.args(more).arg("--out").arg(out);
    program
}

fn plot(world: &World, out: &Path, more: &[&str]) -> Ran {
    ran(&mut command(world, out, more))
}

#[test]
fn a_field_is_drawn_the_same_each_time() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 20);
    let more = ["--dt", DATE, "--session", "09:30-09:31"];
    assert_eq!(world.run("all", CONTRACT, &more).status, Some(0));
    let pictures = ["one.png", "other.png"].map(|name| world.path().join(name));
    for picture in &pictures {
        let drawn = plot(&world, picture, &["--size", "640x400", "--ticks", "50"]);
        assert_eq!((drawn.status, drawn.stderr.as_str()), (Some(0), ""));
        assert!(
            drawn.stdout.contains("pressure_grad of ESH6 on 2026-02-06"),
            "{}",
            drawn.stdout
        );
    }
    let [one, other] = &pictures;
    let mut reader = png::Decoder::new(BufReader::new(File::open(one).unwrap()))
        .read_info()
        .unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((frame.width, frame.height), (640, 400));
    let samples = frame.color_type.samples();
    let pixels: Vec<&[u8]> = bytes.chunks_exact(samples).collect();
    let colours: BTreeSet<&[u8]> = pixels.iter().copied().collect();
    assert!(colours.len() > 50, "{} colours", colours.len());
    // The spot is a white line through every column between the axis and the scale.
    for x in 120..480 {
        let mut column = (80..330).map(|y| pixels[y * 640 + x]);
        assert!(column.any(|pixel| pixel == [255; 3]), "column {x}");
    }
    assert!(std::fs::read(one).unwrap() == std::fs::read(other).unwrap());
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let world = World::new();
    std::fs::create_dir(world.path()).unwrap();
    let out = world.path().join("a.png");
    let check = |more: &[&str], status: i32, message: &str| {
        let refused = plot(&world, &out, more);
        assert!(refused.stderr.contains(message), "{}", refused.stderr);
        assert_eq!(refused.status, Some(status));
    };
    check(
        &["--field", "pressure"],
        2,
        "gold has these columns: add_intensity, ",
    );
    check(
        &[],
        1,
        "to make it: velocity run --product-type future_mbo --layer silver --symbol ESH6",
    );
    check(&["--size", "1600"], 2, "expected WIDTHxHEIGHT");
    check(&["--size", "100000x900"], 2, "expected WIDTHxHEIGHT");
    assert!(!out.exists());
}

/// A lake with a minute of gold.
fn drawable() -> World {
    let world = World::new();
    world.synthesize(DATE, "09:30", 3);
    let more = ["--dt", DATE, "--session", "09:30-09:31"];
    assert_eq!(world.run("all", CONTRACT, &more).status, Some(0));
    world
}

/// A limit on the size of files simulates a full disk, and for a program that is killed half way.
#[test]
fn a_picture_that_is_not_finished_leaves_what_stood_there_before() {
    let world = drawable();
    let out = world.path().join("a.png");
    std::fs::write(&out, "before").unwrap();
    let mut shell = Command::new("sh");
    // Ignored, the signal becomes an error of the write; `exec` hands that on.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""]);
    let inner = command(&world, &out, &[]);
    shell.arg(inner.get_program()).args(inner.get_args());
    let refused = ran(&mut shell);
    assert_eq!(refused.status, Some(1));
    let start = format!("error: {} cannot be written\n  because ", out.display());
    assert!(refused.stderr.starts_with(&start), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "before");
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
    assert_eq!(plot(&world, &out, &[]).status, Some(0));
    assert!(std::fs::read(&out).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_picture_that_has_no_place_is_named() {
    let world = drawable();
    let out = world.path().join("no such folder/a.png");
    let refused = plot(&world, &out, &[]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stderr.contains("a.png cannot be written"),
        "{}",
        refused.stderr
    );
}
