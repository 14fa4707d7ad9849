//! How long a viewer of three hours of gold waits: for the first window after connecting, and for
//! the one that was sought. The program serves and this process watches, over loopback.
//!
//! The lake is synthetic. It is made by the program itself, once, and kept under `target/tmp`;
//! remove it there to have it made anew. How fast gold is made is not measured here.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use vp_lake::Lake;
use vp_market::{ProductType, SessionDate, SessionWindow};
use vp_synth::{Compression, SynthConfig, write_dbn};
use vp_transport::Client;
use vp_wire::{Batch, ClientMessage, ServerMessage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_velocity");
const DATE: &str = "2026-02-06";
const CONTRACT: &str = "ESH6";
const SESSION: &str = "09:30-12:30";
const SECONDS: u64 = 10_800;
/// Records of the future a second.
const RATE: u32 = 400;
const CONNECTIONS: usize = 60;
const SEEKS: usize = 150;
const SECOND_NS: u64 = 1_000_000_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let lake = Path::new(env!("CARGO_TARGET_TMPDIR")).join("three-hours-of-gold");
    make(&lake)?;
    let server = Running::start(&lake)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    say("what                                       count    median       p95       max");
    runtime.block_on(async {
        let newcomer = vec![first_batch(&server).await?];
        report("first window of a server that just began", newcomer);
        let mut waits = Vec::new();
        for _ in 0..CONNECTIONS {
            waits.push(first_batch(&server).await?);
        }
        report("first window after connecting", waits);
        report("a window that was sought", seeks(&server).await?);
        all(&server).await
    })?;
    if let Some(peak) = server.peak_memory() {
        say(&format!("the server's memory peaked at {peak}"));
    }
    Ok(())
}

/// Makes raw records, silver and gold of the session, unless they are there.
fn make(folder: &Path) -> Outcome<()> {
    let date: SessionDate = DATE.parse()?;
    let raw = Lake::new(folder).raw_mbo(ProductType::FutureMbo, "ES");
    let path = raw.path().join("glbx-mdp3-20260206.mbo.dbn.zst");
    if !path.exists() {
        say(&format!("making {}", folder.display()));
        let window = SessionWindow::new(ProductType::FutureMbo, date);
        let market = SynthConfig::preset(CONTRACT)?
            .with_rate(RATE)?
            .with_start_ns(window.first_instant("09:30".parse()?)?)?;
        fs::create_dir_all(raw.path())?;
        // Whole or not at its place: a run that is broken off leaves nothing that looks made.
        let unfinished = path.with_extension("unfinished");
        let length = Duration::from_secs(SECONDS);
        write_dbn(
            File::create(&unfinished)?,
            &market,
            length,
            Compression::Zstd,
        )?;
        fs::rename(unfinished, &path)?;
    }
    // What is complete is kept.
    let made = Command::new(PROGRAM)
        .args(["run", "--product-type", "future_mbo", "--layer", "all"])
        .args(["--symbol", CONTRACT, "--dt", DATE, "--session", SESSION])
        .arg("--lake")
        .arg(folder)
        .stdout(Stdio::null())
        .status()?;
    if made.success() {
        Ok(())
    } else {
        Err(format!(
            "velocity run ended with {made}; remove {} and try again",
            folder.display()
        )
        .into())
    }
}

/// Connects, and returns how long the first window took to come.
async fn first_batch(server: &Running) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut client = Client::connect(&server.url("speed=0.01")).await?;
    batch(&mut client).await?;
    Ok(begun.elapsed())
}

/// Seeks random seconds, and returns how long the window of each took to come.
async fn seeks(server: &Running) -> Outcome<Vec<Duration>> {
    // So slow that nothing comes but what was sought.
    let mut client = Client::connect(&server.url("speed=0.01")).await?;
    let first = batch(&mut client).await?.window_end_ts_ns;
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut waits = Vec::with_capacity(SEEKS);
    for _ in 0..SEEKS {
        let second = dice.next_u64() % SECONDS;
        let clock = 9 * 3600 + 30 * 60 + second;
        let (hour, minute, second_of_it) = (clock / 3600, clock / 60 % 60, clock % 60);
        let start_time = format!("{hour:02}:{minute:02}:{second_of_it:02}");
        let begun = Instant::now();
        client.send(&ClientMessage::Seek { start_time }).await?;
        let found = batch(&mut client).await?.window_end_ts_ns;
        waits.push(begun.elapsed());
        if found != first + second * SECOND_NS {
            return Err(format!("second {second} was sought, and {found} came").into());
        }
    }
    Ok(waits)
}

/// Takes all windows as fast as they come.
async fn all(server: &Running) -> Outcome<()> {
    let begun = Instant::now();
    let mut client = Client::connect(&server.url("speed=0&lossless=1")).await?;
    let (mut windows, mut bytes) = (0_u64, 0_usize);
    let mut decoder = vp_wire::Decoder::default();
    while let Some(frame) = client.next_frame().await? {
        bytes += frame.len();
        windows += u64::from(matches!(decoder.decode(&frame)?, ServerMessage::Batch(_)));
        if windows == SECONDS {
            break;
        }
    }
    let elapsed = begun.elapsed();
    say(&format!(
        "all {windows} windows, {} MB: {elapsed:.1?}",
        bytes / 1_000_000
    ));
    Ok(())
}

async fn batch(client: &mut Client) -> Outcome<Batch<'static>> {
    loop {
        match client.next().await? {
            Some(ServerMessage::Batch(batch)) => return Ok(batch),
            Some(ServerMessage::Error(error)) => return Err(error.into()),
            Some(_) => {}
            None => return Err("the stream ended".into()),
        }
    }
}

/// Prints median, 95th percentile and maximum.
fn report(what: &str, mut waits: Vec<Duration>) {
    waits.sort();
    let last = waits.len() - 1;
    let [median, most, max] = [last / 2, last * 95 / 100, last].map(|place| {
        let ms = waits[place].as_secs_f64() * 1e3;
        format!("{ms:.1} ms")
    });
    let count = waits.len();
    say(&format!(
        "{what:<42} {count:>5} {median:>9} {most:>9} {max:>9}"
    ));
}

/// A running `velocity serve`, killed when dropped.
struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(lake: &Path) -> Outcome<Self> {
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--port", "0", "--log-level", "error", "--lake"])
            .arg(lake)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("it has an output")?;
        let mut running = Self {
            process,
            address: String::new(),
        };
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.strip_prefix("stream  ws://") {
                url.split('/')
                    .next()
                    .unwrap_or(url)
                    .clone_into(&mut running.address);
                return Ok(running);
            }
        }
        Err("the server did not start".into())
    }

    fn url(&self, rest: &str) -> String {
        let address = &self.address;
        format!("ws://{address}/v1/velocity/stream?symbol={CONTRACT}&dt={DATE}&{rest}")
    }

    /// Returns the most memory that it held so far, where the system tells.
    fn peak_memory(&self) -> Option<String> {
        let path = PathBuf::from(format!("/proc/{}/status", self.process.id()));
        let status = fs::read_to_string(path).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark reports to its terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}
