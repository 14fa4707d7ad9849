//! The commands of the README, as they stand there.

use std::process::Command;

use crate::binary::{DATE, World, ran};

const README: &str = include_str!("../../../../README.md");

/// The README's session is played by a shorter one of the same contract and date.
#[test]
fn the_commands_of_the_readme_work_as_they_stand() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    std::fs::create_dir(&target).unwrap();
    let session = world.synthesize(DATE, "09:30", 120);
    std::fs::rename(session, target.join("esh6.mbo.dbn.zst")).unwrap();
    let blocks = README.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let mut count = 0;
    for line in lines.filter_map(|line| line.split('#').next()) {
        let Some(args) = line.trim().strip_prefix("target/release/velocity ") else {
            continue;
        };
        let mut program = Command::new(env!("CARGO_BIN_EXE_velocity"));
        program
            .env_remove("SPYMASTER_LAKE")
            .current_dir(folder.path());
        let ran = ran(program.args(args.split_whitespace()));
        assert_eq!(ran.status, Some(0), "{args}: {}", ran.stderr);
        count += 1;
    }
    assert!(count >= 2);
    assert!(target.join("pressure.png").is_file());
}
