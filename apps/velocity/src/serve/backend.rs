//! The app behind the server: its sessions, its products, its replays.

use std::collections::BTreeSet;
use std::path::PathBuf;

use vp_lake::Lake;
use vp_market::{ProductTable, ProductType};
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, Query, Service, SessionEntry, StreamPlan,
};
use vp_velocity::view::Views;
use vp_wire::Error;

use super::calibration::{Calibration, Warnings};
use super::checks::Checks;
use super::feed::{Sources, VelocityFeed};
use super::query::Request;
use super::{STREAM_PATH, sessions};
use vp_cli::report;

/// What `velocity serve` serves.
#[derive(Debug)]
pub(super) struct VelocityBackend {
    products: ProductTable,
    sources: Sources,
}

impl VelocityBackend {
    pub(super) fn new(lake: Lake, products: ProductTable) -> Self {
        Self {
            products,
            sources: Sources {
                lake,
                checks: Checks::default(),
                warnings: Warnings::default(),
                views: Views::default(),
            },
        }
    }

    /// Returns what can be streamed, for a person to read. Roots that are not calibrated are logged.
    pub(super) fn describe(&self) -> String {
        let sessions = self.sessions(&Cancellation::never()).unwrap_or_default();
        let (ready, not_ready): (Vec<_>, Vec<_>) =
            sessions.into_iter().partition(|entry| entry.ready);
        let root = |entry: &SessionEntry| {
            let product_type: ProductType = entry.product_type.parse().ok()?;
            let instrument = self.products.instrument(product_type, &entry.symbol);
            Some(instrument.ok()?.root)
        };
        let roots: BTreeSet<String> = ready.iter().filter_map(root).collect();
        for root in &roots {
            let calibration = Calibration::load(&self.sources.lake, root);
            self.sources.warnings.note(root, &calibration);
        }
        format!(
            "lake    {}: {} sessions can be streamed, {} lack silver\n",
            self.sources.lake.root().display(),
            ready.len(),
            not_ready.len()
        )
    }
}

impl Backend for VelocityBackend {
    fn service(&self) -> Service {
        Service {
            name: "velocity",
            version: env!("CARGO_PKG_VERSION"),
            stream_path: STREAM_PATH,
        }
    }

    fn health(&self) -> Result<(), String> {
        self.sources
            .lake
            .check()
            .map_err(|error| report::chain(&error))
    }

    fn private_folders(&self) -> Vec<PathBuf> {
        vec![self.sources.lake.root().to_owned()]
    }

    fn sessions(&self, cancellation: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        sessions::list(&self.sources.lake, &self.products, cancellation)
    }

    fn products(&self) -> &ProductTable {
        &self.products
    }

    fn open(&self, query: Query) -> Result<StreamPlan, Error> {
        let Request {
            plan,
            shared,
            lossless,
            key,
        } = Request::read(query, &self.products, &self.sources.lake)?;
        let sources = self.sources.clone();
        let open = move || Ok(Box::new(VelocityFeed::open(plan, &sources)?) as Box<dyn Feed>);
        Ok(StreamPlan {
            shared,
            lossless,
            key,
            open: Box::new(open),
        })
    }
}
