//! The app behind the server: its sessions, its products, its replays.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use vp_ingest::{Input, SessionSpec};
use vp_lake::Lake;
use vp_market::{Instrument, ProductTable, SessionDate};
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, Query, Service, SessionEntry, StreamPlan,
};
use vp_wire::Error;

use super::STREAM_PATH;
use super::catalog::Catalog;
use super::defaults::{DefaultSession, Defaults};
use super::feed::LiveFeed;
use super::query::Request;
use vp_cli::report;

/// What `vp-live` serves.
#[derive(Debug)]
pub(super) struct LiveBackend {
    defaults: Defaults,
    catalog: Catalog,
    /// Whether there was a lake at the start. A synthetic market can be served without one.
    had_lake: bool,
}

impl LiveBackend {
    pub(super) fn new(defaults: Defaults) -> Self {
        Self {
            catalog: Catalog::new(defaults.lake.clone()),
            had_lake: defaults.lake.root().is_dir(),
            defaults,
        }
    }
}

impl Backend for LiveBackend {
    fn service(&self) -> Service {
        Service {
            name: "vacuum-pressure-live",
            version: env!("CARGO_PKG_VERSION"),
            stream_path: STREAM_PATH,
        }
    }

    /// A server of a named file needs that file. A server of a lake, or one that was started beside
    /// one, needs the lake.
    fn health(&self) -> Result<(), String> {
        let input = match &self.defaults.session {
            DefaultSession::File(spec) => Some(&spec.input),
            DefaultSession::Synthetic => None,
        };
        if let Some(Input::File(path)) = input
            && is_missing(path)
        {
            return Err(format!("the file {} is not there", path.display()));
        }
        if self.had_lake || matches!(input, Some(Input::Lake(_))) {
            let lake = self.defaults.lake.check();
            lake.map_err(|error| report::chain(&error))?;
        }
        Ok(())
    }

    fn sessions(&self, cancellation: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        let of_lake = self
            .catalog
            .sessions(&self.defaults.products, cancellation)?;
        let synthetic = &self.defaults.synthetic;
        let synthetic = entry("synthetic", &synthetic.instrument, synthetic.dt);
        let (mut sessions, default) = match &self.defaults.session {
            DefaultSession::File(spec) => (vec![file_entry(spec)], Some(spec)),
            DefaultSession::Synthetic => (Vec::new(), None),
        };
        let is_other = |known: &[SessionEntry], entry: &SessionEntry| {
            known.iter().all(|known| {
                (&entry.product_type, &entry.symbol, &entry.dt)
                    != (&known.product_type, &known.symbol, &known.dt)
            })
        };
        // Those of the file that was named come before those of the lake.
        for (instrument, date) in &self.defaults.held {
            let of_file = default.map(|spec| SessionSpec {
                instrument: instrument.clone(),
                date: *date,
                ..SessionSpec::clone(spec)
            });
            let entry = of_file.as_ref().map(file_entry);
            sessions.extend(entry.filter(|entry| is_other(&sessions, entry)));
        }
        let of_lake = of_lake.into_iter();
        let of_lake: Vec<_> = of_lake.filter(|entry| is_other(&sessions, entry)).collect();
        sessions.extend(of_lake);
        sessions.insert(usize::from(default.is_some()), synthetic);
        Ok(sessions)
    }

    fn private_folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.defaults.lake.root().to_owned()];
        if let DefaultSession::File(spec) = &self.defaults.session
            && let Input::File(path) = &spec.input
        {
            folders.extend(path.parent().map(Path::to_owned));
        }
        folders
    }

    fn products(&self) -> &ProductTable {
        &self.defaults.products
    }

    fn open(&self, query: Query) -> Result<StreamPlan, Error> {
        let Request {
            plan,
            shared,
            lossless,
            key,
        } = Request::read(query, &self.defaults)?;
        let open = move || Ok(Box::new(LiveFeed::open(plan)?) as Box<dyn Feed>);
        Ok(StreamPlan {
            shared,
            lossless,
            key,
            open: Box::new(open),
        })
    }
}

fn entry(source: &str, instrument: &Instrument, date: SessionDate) -> SessionEntry {
    SessionEntry {
        product_type: instrument.product_type.name().to_owned(),
        symbol: instrument.symbol.clone(),
        dt: date.to_string(),
        source: source.to_owned(),
        ready: true,
        missing: Vec::new(),
    }
}

/// Returns a session of files, ready if they are there.
fn file_entry(spec: &SessionSpec) -> SessionEntry {
    let missing = match &spec.input {
        Input::File(path) => is_missing(path).then_some("file"),
        Input::Lake(lake) => lacks_files(lake, spec).then_some("raw"),
    };
    SessionEntry {
        ready: missing.is_none(),
        missing: missing.map(str::to_owned).into_iter().collect(),
        ..entry("file", &spec.instrument, spec.date)
    }
}

/// Returns whether there is no file, as far as can be told without opening it.
fn is_missing(path: &Path) -> bool {
    // A stream such as standard input is no regular file, and is there all the same.
    path != Path::new("-") && path.metadata().as_ref().map_or(true, Metadata::is_dir)
}

/// Returns whether the lake has no file of a session.
fn lacks_files(lake: &Lake, spec: &SessionSpec) -> bool {
    let Instrument {
        product_type,
        symbol,
        root,
        ..
    } = &spec.instrument;
    let folder = lake.session_mbo(*product_type, symbol, root);
    folder
        .files(spec.date)
        .map_or(true, |files| files.is_empty())
}
