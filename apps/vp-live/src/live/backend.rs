//! The app behind the server: its sessions, its products, its replays.

use vp_market::ProductTable;
use vp_transport::message::Error;
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, Query, Service, SessionEntry, StreamPlan,
};

use super::STREAM_PATH;
use super::catalog::Catalog;
use super::defaults::Defaults;
use super::feed::LiveFeed;
use super::query::Request;

/// What `vp-live` serves.
#[derive(Debug)]
pub(super) struct LiveBackend {
    defaults: Defaults,
    catalog: Catalog,
}

impl LiveBackend {
    pub(super) fn new(defaults: Defaults) -> Self {
        let catalog = Catalog::new(defaults.lake.clone());
        Self { defaults, catalog }
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

    fn health(&self) -> Result<(), String> {
        Ok(())
    }

    fn sessions(&self, cancellation: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        let synthetic = &self.defaults.synthetic;
        let mut entries = vec![SessionEntry {
            product_type: synthetic.instrument.product_type.name().to_owned(),
            symbol: synthetic.instrument.symbol.clone(),
            dt: synthetic.dt.to_string(),
            source: "synthetic".to_owned(),
            ready: true,
            missing: Vec::new(),
        }];
        let of_lake = self
            .catalog
            .sessions(&self.defaults.products, cancellation)?;
        entries.extend(of_lake);
        Ok(entries)
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
