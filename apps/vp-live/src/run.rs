//! `vp-live run`: a session through the engine as fast as it goes, and a summary of it.

mod summary;
mod tape;

use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vp_engine::{Engine, Record};
use vp_ingest::SourceFile;
use vp_market::WallClock;
use vp_replay::{Replay, Speed, Step};
use vp_wire::{RuntimeConfig, StreamConfig};

use crate::args::{RunArgs, SessionArgs};
use crate::out::{Out, is_stdout};
use crate::session::Resolved;
use summary::{Crossed, MarkCounts, Summary};
use tape::TapeFiles;
use vp_cli::report;
use vp_session::{GridProducer, Moment, View};
use vp_tape::Mark;

/// Runs a session, or those of several files in turn, and prints a summary of each.
///
/// # Errors
/// If a session cannot be opened, its input breaks off (the summary of what came before is printed all
/// the same), or the output cannot be written. Of several files the others are run all the same.
pub fn run(args: &RunArgs) -> anyhow::Result<()> {
    if args.more.is_empty() {
        return run_one(&args.session, args);
    }
    let sessions = args
        .more
        .iter()
        .map(|file| args.session.with_file(file.clone()));
    let (mut runs, mut failed) = (0, 0);
    for session in std::iter::once(args.session.clone()).chain(sessions) {
        runs += 1;
        if let Err(error) = run_one(&session, args) {
            failed += 1;
            report::error(&error);
        }
    }
    if failed > 0 {
        bail!("{failed} of {runs} files could not be run to their end");
    }
    Ok(())
}

fn run_one(session: &SessionArgs, args: &RunArgs) -> anyhow::Result<()> {
    let resolved = Resolved::from_args(session)?;
    let path = args.grids.out.as_deref();
    let out =
        path.map(|path| Out::create(path, args.grids.style(), &runtime_config(args, &resolved)));
    let out = out.transpose()?;
    let spec = resolved.spec.clone();
    let view = RunView {
        out,
        files: TapeFiles::create(&args.tape)?,
        marks: MarkCounts::default(),
        failed: None,
        crossed: Crossed::default(),
        grids: 0,
    };
    let producer = GridProducer::open(spec, resolved.grid, view)?;
    let producer = producer.marking(resolved.spec.instrument.product.marks);
    let files = producer.records().files().to_vec();
    let outputs = [
        &args.grids.out,
        &args.tape.marks,
        &args.tape.trades,
        &args.tape.profile,
    ];
    for path in outputs.into_iter().flatten() {
        check_is_no_input(path, &files)?;
    }
    let left_out = producer.records().left_out().to_vec();
    for file in &left_out {
        report::note(file);
    }
    let mut replay = Replay::new(producer, resolved.replay);
    let started = Instant::now();
    let ended = drive(&mut replay);
    let elapsed = started.elapsed();
    let status = replay.status();
    let producer = replay.into_producer();
    let volumes = producer.volumes().clone();
    let (engine, source, view) = producer.into_parts();
    let summary = Summary {
        instrument: &resolved.spec.instrument,
        date: resolved.spec.date,
        files: &files,
        left_out: &left_out,
        counters: *source.counters(),
        status,
        engine: &engine,
        volumes: &volumes,
        marks: view.marks,
        crossed: view.crossed,
        grids: view.grids,
        elapsed,
    };
    // A file of grids is published only if all of them are in it.
    let written = match (view.out, &ended) {
        (Some(out), Ok(())) => out.finish(),
        _ => Ok(()),
    };
    let taped = match &ended {
        Ok(()) => view.files.finish(&volumes),
        Err(_) => Ok(()),
    };
    let text = if args.json {
        summary.json().to_string()
    } else {
        summary.to_string()
    };
    let printed = if path.is_some_and(is_stdout) {
        report::print_aside(&text);
        Ok(())
    } else {
        report::print(&text)
    };
    ended.and(written).and(taped).and(printed)
}

/// Refuses to write the grids over a file that they are made of.
fn check_is_no_input(out: &Path, files: &[SourceFile]) -> anyhow::Result<()> {
    let place = |path: &Path| path.canonicalize().ok();
    let is_it = |file: &SourceFile| place(&file.path) == place(out);
    if out.exists() && files.iter().any(is_it) {
        bail!(
            "--out would overwrite the input {}; name another file",
            out.display()
        );
    }
    Ok(())
}

/// Returns what a viewer of these grids would be told first.
fn runtime_config(args: &RunArgs, resolved: &Resolved) -> RuntimeConfig {
    let style = args.grids.style();
    let time = |clock: Option<WallClock>| clock.map(|clock| clock.to_string());
    let stream = StreamConfig {
        source: "file".to_owned(),
        dt: resolved.spec.date.to_string(),
        speed: Speed::UNPACED.value(),
        start_time: time(args.session.start_time),
        end_time: time(args.session.end_time),
        throttle_ms: args.session.throttle_ms,
        view: style.aging.name().to_owned(),
        shared: false,
    };
    let instrument = &resolved.spec.instrument;
    let config = vp_market::RuntimeConfig::new(instrument, resolved.grid.half_width());
    RuntimeConfig::dense_grid(&config, stream, style.fields)
}

type RunReplay<S> = Replay<GridProducer<S, RunView>>;

fn drive(replay: &mut RunReplay<vp_ingest::SessionSpec>) -> anyhow::Result<()> {
    let bar = progress_bar(
        replay
            .producer()
            .progress()
            .map_or(0, |progress| progress.bytes_total),
    );
    let now = Instant::now();
    let result = loop {
        match replay.poll(now) {
            Ok(Step::Output(written)) => {
                if let Err(error) = written {
                    break Err(error);
                }
            }
            Ok(Step::Ended) => break Ok(()),
            Ok(_) => {
                bar.set_position(replay.producer().progress().map_or(0, |p| p.bytes_read));
            }
            Err(error) => break Err(error.into()),
        }
    };
    bar.finish_and_clear();
    result
}

fn progress_bar(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is well formed");
    ProgressBar::new(bytes).with_style(style)
}

/// Counts grids, watches for crossed markets and writes what is to be written.
#[derive(Debug)]
struct RunView {
    out: Option<Out>,
    files: TapeFiles,
    marks: MarkCounts,
    /// Why a file beside the grids was not written on.
    failed: Option<anyhow::Error>,
    crossed: Crossed,
    grids: u64,
}

impl View for RunView {
    type Output = anyhow::Result<()>;

    #[inline]
    fn commit(&mut self, engine: &Engine) {
        let grid = engine.grid();
        if let (Some(bid), Some(ask), Some(ts_ns)) =
            (grid.best_bid(), grid.best_ask(), grid.ts_ns())
            && bid > ask
        {
            self.crossed.note(ts_ns);
        }
    }

    fn trade(&mut self, record: &Record) {
        if let Err(error) = self.files.trade(record) {
            self.failed.get_or_insert(error);
        }
    }

    fn marks(&mut self, marks: &[Mark]) {
        for mark in marks {
            self.marks.count(mark);
            if let Err(error) = self.files.mark(mark) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn output(&mut self, moment: Moment<'_>) -> anyhow::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.grids += 1;
        match &mut self.out {
            Some(out) => out.write(moment),
            None => Ok(()),
        }
    }
}
