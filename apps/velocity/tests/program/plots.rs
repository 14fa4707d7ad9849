//! `plot`: a picture that shows something, and what is said where there is none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::binary::{CONTRACT, DATE, Ran, World, ran};

fn plot(world: &World, out: &Path, more: &[&str]) -> Ran {
    let mut program = world.program("plot");
    program
        .args(["--symbol", CONTRACT, "--dt", DATE])
        .args(more);
    ran(program.arg("--out").arg(out))
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
    let colours: BTreeSet<&[u8]> = bytes.chunks_exact(samples).collect();
    assert!(colours.len() > 50, "{} colours", colours.len());
    assert!(std::fs::read(one).unwrap() == std::fs::read(other).unwrap());
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let world = World::new();
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
        "to make it: velocity run --product-type future_mbo --layer all --symbol ESH6",
    );
    assert!(!out.exists());
}
