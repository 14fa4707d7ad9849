//! The server of the process tests: the toy, with calls that block and fail on demand.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use vp_market::ProductTable;
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, Query, ServerError, Service, SessionEntry, Settings,
    StreamPlan, serve_until_signal,
};
use vp_wire::{Error, ErrorCode};

use crate::toy::Toy;

/// The variable that makes this program a server.
pub(crate) const SERVE: &str = "SPYMASTER_TEST_SERVER";

/// A folder that clients must not see.
pub(crate) const PRIVATE_FOLDER: &str = "/srv/a private lake";

/// Returns the file whose presence lets blocked feeds of that process go on.
pub(crate) fn release_file(pid: u32) -> PathBuf {
    std::env::temp_dir().join(format!("spymaster-test-release-{pid}"))
}

/// Serves until a signal.
pub(crate) fn serve() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .log_internal_errors(false)
        .init();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap());
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let set = |name: &str, value: &mut Duration| {
        if let Some(seconds) = number(name) {
            *value = Duration::from_secs_f64(seconds);
        }
    };
    set("CLOSE_SECONDS", &mut settings.deadlines.close_within);
    set("HEALTH_SECONDS", &mut settings.deadlines.health_within);
    set("SLOW_SECONDS", &mut settings.deadlines.too_slow);
    for (name, limit) in [
        ("CONNECTIONS", &mut settings.limits.connections),
        ("REPLAYS", &mut settings.limits.replays),
    ] {
        if let Ok(text) = std::env::var(name) {
            *limit = text.parse().unwrap();
        }
    }
    let backend = Arc::new(Blocking { toy: Toy::new() });
    let served = serve_until_signal(settings, backend, Vec::new(), |address| {
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{address}").unwrap();
        Ok::<_, ServerError>(())
    });
    served.unwrap();
    ExitCode::SUCCESS
}

struct Blocking {
    toy: Toy,
}

/// Blocks for ever, as the opening of a FIFO does.
fn block(what: &str) -> ! {
    tracing::info!("blocked in {what}");
    loop {
        thread::park();
    }
}

fn is_blocked(what: &str) -> bool {
    std::env::var("BLOCKS").is_ok_and(|blocks| blocks.split(' ').any(|name| name == what))
}

fn failure() -> Error {
    let message = format!("{PRIVATE_FOLDER}/raw/a.dbn is cut short");
    Error::new(ErrorCode::SourceFailed, message)
}

impl Backend for Blocking {
    fn service(&self) -> Service {
        self.toy.service()
    }

    fn health(&self) -> Result<(), String> {
        if is_blocked("health") {
            block("health");
        }
        if std::env::var_os("UNHEALTHY").is_some() {
            return Err(format!("the folder {PRIVATE_FOLDER}/raw is gone"));
        }
        Ok(())
    }

    fn sessions(&self, cancellation: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        if is_blocked("sessions") {
            block("sessions");
        }
        if !is_blocked("listing") {
            return self.toy.sessions(cancellation);
        }
        tracing::info!("blocked in listing");
        loop {
            if let Err(cancelled) = cancellation.check() {
                tracing::info!("cancelled: listing");
                return Err(cancelled);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn private_folders(&self) -> Vec<PathBuf> {
        vec![PRIVATE_FOLDER.into()]
    }

    fn products(&self) -> &ProductTable {
        self.toy.products()
    }

    fn open(&self, mut query: Query) -> Result<StreamPlan, Error> {
        if query.take("open").is_some() {
            block("open");
        }
        let is_blocked = query.take("feed").is_some();
        let fails = query.take("fails");
        if fails.as_deref() == Some("open") {
            return Err(failure());
        }
        let mut plan = self.toy.open(query)?;
        let open = plan.open;
        plan.open = Box::new(move || {
            match fails.as_deref() {
                Some("feed") => return Err(failure()),
                Some(_) => panic!("as the test asked"),
                None => {}
            }
            if is_blocked {
                tracing::info!("blocked in feed");
                while !release_file(std::process::id()).exists() {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            open() as Result<Box<dyn Feed>, Error>
        });
        Ok(plan)
    }
}
